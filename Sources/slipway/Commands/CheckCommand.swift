import ArgumentParser
import SlipwayBase
import SlipwayCore

/// `slipway check`: the configuration file and all that a deploy will need. Never writes.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the configuration and everything it needs; one line a finding.",
        discussion: """
            Each line begins with ok, warning or error. Exits with 1 if there is an error, 2 when the file itself is \
            wrong, and otherwise 0. Never writes anything.
            """)

    @OptionGroup var file: ConfigurationOption
    @Flag(help: "Exit with 1 for warnings, too.")
    var strict = false

    func run() async throws {
        ProcessSettings.ignoreBrokenPipes()
        let configuration = try file.read()
        let redactor = Redactor(secrets: configuration.secrets)
        var worst = Finding.Level.ok
        func show(_ findings: [Finding]) throws {
            for finding in findings {
                worst = max(worst, finding.level)
                try Terminal.print(redactor.redact(finding.line))
            }
        }
        let targets = configuration.apps.flatMap(\.targets).count
        try show([.ok("\(file.path): \(configuration.apps.count) app(s), \(targets) target(s)")])
        try show(configuration.warnings.map(Finding.warning))
        try await Question.answers(to: questions(configuration), show: show)
        guard worst < (strict ? .warning : .error) else { throw ExitStatus.failed }
    }

    /// In the order in which a first deploy would meet what they ask about.
    private func questions(_ configuration: Configuration) -> [Question] {
        [
            Question("server.data") { DataCheck(settings: configuration.server).findings() },
            Question("certificates") { CertificateCheck(configuration: configuration).findings() },
            Question("git") { await ToolCheck().git() },
            Question("docker") { await EngineCheck(configuration: configuration).findings() },
        ] + RegistryLoginCheck(logins: configuration.registries).questions
            + RepositoryCheck(configuration: configuration).questions
            + KnownPlatforms.all.flatMap { $0.questions(configuration) }
    }
}

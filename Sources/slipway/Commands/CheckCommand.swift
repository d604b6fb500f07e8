import ArgumentParser
import SlipwayBase
import SlipwayCore

/// `slipway check`: the configuration file and all that a deploy will need. Never writes.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate the configuration and everything it needs; one line a finding.",
        discussion: "Exits with 0 only if all hold, 2 when the file itself is wrong. Never writes anything.")

    @OptionGroup var file: ConfigurationOption

    func run() async throws {
        ProcessSettings.ignoreBrokenPipes()
        let configuration = try file.read()
        let redactor = Redactor(secrets: configuration.secrets)
        var allHold = true
        func show(_ findings: [Finding]) throws {
            for finding in findings {
                allHold = allHold && finding.holds
                try Terminal.print(redactor.redact(finding.line))
            }
        }
        let targets = configuration.apps.flatMap(\.targets).count
        try show([.ok("\(file.path): \(configuration.apps.count) app(s), \(targets) target(s)")])
        // In the order in which a first deploy would meet them; each may take seconds, so each is shown at once.
        try show(DataCheck(settings: configuration.server).findings())
        try show(CertificateCheck(configuration: configuration).findings())
        try show(await ToolCheck().git())
        try show(await ToolCheck().docker())
        try show(await RepositoryCheck(configuration: configuration).findings())
        try show(await HerokuFindings.of(configuration))
        guard allHold else { throw ExitStatus.failed }
    }
}

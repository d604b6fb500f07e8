import ArgumentParser
import Logging
import SlipwayBase
import SlipwayCore

/// `slipway serve`: runs until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server until SIGTERM or SIGINT.",
        discussion: """
            SIGTERM and SIGINT let running steps end within server.drain; a second one leaves at once. SIGHUP reads \
            the configuration again; a bad file is refused and the old one stays.
            """)

    @OptionGroup var file: ConfigurationOption
    @Option(
        help: ArgumentHelp(
            "The log has lines of this level and above: \(Self.levels). (default: info)", valueName: "level"),
        transform: level)
    var logLevel: Logger.Level = .info
    @OptionGroup var parent: ParentOption

    func run() async throws {
        ProcessSettings.ignoreBrokenPipes()
        ProcessSettings.raiseFileLimit()
        ProcessSettings.keepFreedMemory()
        // Before the first await: from here on a signal is an event, not an end.
        let signals = Signals([.terminate, .interrupt, .hangUp], stopWithInput: parent.stopWithInput)
        let configuration = try file.read(weakSecrets: .refusedAtFirstStart)
        let redactor = Current(Redactor(secrets: configuration.secrets))
        let writer = LogWriter()
        defer { writer.finish() }
        let lines = LineLogHandler(level: logLevel, redactor: redactor, write: writer.write)
        let logger = Logger(label: "slipway") { _ in lines }
        let strangers = Logger(label: "slipway.strangers") { _ in BoundedLogHandler(lines) }
        for warning in configuration.warnings { logger.warning("\(warning)") }
        let server: Server
        do {
            server = try await Server(configuration: configuration, logger: logger, strangers: strangers)
        } catch {
            writer.finish()
            Terminal.printError(redactor.value.redact("slipway: \(error)"))
            throw ExitStatus.failed
        }
        let reload = Reload(
            file: file.path, current: server.configuration, redactor: redactor, tls: server.tls, logger: logger)
        try await Lifecycle(server: server, reload: reload, logger: logger, writer: writer).run(signals)
    }

    private static let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

    private static func level(_ word: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: word) else { throw ValidationError("it is one of \(levels)") }
        return level
    }
}

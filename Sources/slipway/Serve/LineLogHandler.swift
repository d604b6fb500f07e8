import Logging
import SlipwayBase

/// One event, one line of logfmt on the standard error: `time`, `level`, `msg`, then `key=value` by key.
///
/// Text from outside cannot break the line, and secrets do not reach it.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level
    /// Replaced when the configuration is reloaded.
    private let redactor: Current<Redactor>
    private let write: @Sendable (String) -> Void

    init(
        level: Logger.Level = .info, redactor: Current<Redactor>,
        write: @escaping @Sendable (String) -> Void = Terminal.printError
    ) {
        logLevel = level
        self.redactor = redactor
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let redactor = redactor.value
        // Before it is quoted or cut, for an escaped secret is not found, and neither is half of one.
        func value(_ text: String, limit: Int) -> String { Logfmt.value(redactor.redact(text), limit: limit) }
        var line = "time=\(Timestamp.now()) level=\(event.level.rawValue)"
        line += " msg=" + value(event.message.description, limit: 4000)
        var values = metadata.merging(metadataProvider?.get() ?? [:]) { _, new in new }
        values.merge(event.metadata ?? [:]) { _, new in new }
        if let error = event.error { values["error"] = "\(error)" }
        for (key, text) in values.sorted(by: { $0.key < $1.key }) {
            line += " " + Logfmt.key(key) + "=" + value(text.description, limit: 1000)
        }
        write(line)
    }
}

import Logging
import SlipwayBase

/// One event, one line on the standard error: time, level, message, then `key=value` by key.
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
        var line = "\(Timestamp.now()) \(event.level.rawValue) \(event.message.description.singleLine(limit: 4000))"
        var values = metadata.merging(metadataProvider?.get() ?? [:]) { _, new in new }
        values.merge(event.metadata ?? [:]) { _, new in new }
        if let error = event.error { values["error"] = "\(error)" }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(Self.word(value.description.singleLine(limit: 1000)))"
        }
        write(redactor.value.redact(line))
    }

    /// Quoted when it would read as several words.
    private static func word(_ text: String) -> String {
        guard text.isEmpty || text.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return text }
        return "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}

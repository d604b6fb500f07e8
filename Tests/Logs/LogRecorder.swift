package import Logging
import Synchronization

/// Keeps what is logged, for a test to look at.
package final class LogRecorder: Sendable {
    private let kept = Mutex<[(level: Logger.Level, text: String)]>([])

    private let level: Logger.Level

    /// - Parameter level: the least that is kept; of the server's log it is `info` unless somebody asks for another.
    package init(level: Logger.Level = .info) {
        self.level = level
    }

    /// `login address=192.0.2.1 token=ops`: the message, then the metadata by key.
    package var lines: [String] { kept.withLock { $0.map(\.text) } }

    package var notices: [String] { lines(.notice) }
    package var warnings: [String] { lines(.warning) }

    private func lines(_ level: Logger.Level) -> [String] {
        kept.withLock { $0.filter { $0.level == level }.map(\.text) }
    }

    package var logger: Logger {
        Logger(label: "test") { [self] _ in Handler(recorder: self, logLevel: level) }
    }

    private func add(_ line: String, _ level: Logger.Level) { kept.withLock { $0.append((level, line)) } }

    private struct Handler: LogHandler {
        let recorder: LogRecorder
        var metadata: Logger.Metadata = [:]
        var logLevel: Logger.Level

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let words = all.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
            recorder.add(event.message.description + words.joined(), event.level)
        }
    }
}

/// One thing that `slipway check` looked at.
package struct Finding: Sendable, Hashable {
    package enum Level: String, Sendable, Comparable {
        case ok
        /// Works, but somebody should look at it.
        case warning
        /// A deploy would fail or do harm.
        case error

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .ok: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    package var level: Level
    /// What was found, and unless it is `ok`, what to do.
    package var text: String

    package static func ok(_ text: String) -> Finding { Finding(level: .ok, text: text) }
    package static func warning(_ text: String) -> Finding { Finding(level: .warning, text: text) }
    package static func error(_ text: String) -> Finding { Finding(level: .error, text: text) }

    package func about(_ subject: String) -> Finding { Finding(level: level, text: "\(subject): \(text)") }

    /// `warning  server.tokens: …`
    package var line: String { level.rawValue + String(repeating: " ", count: 9 - level.rawValue.count) + text }
}

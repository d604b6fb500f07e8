import SlipwayBase

/// Why a command has no exit status to show.
package enum CommandError: Error, Sendable, Hashable {
    case notFound(String)
    case cannotStart(String, reason: String)
    case timedOut(String, after: Duration)
}

extension CommandError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notFound(let name): "\(name) is not installed, or not in this server's PATH"
        case .cannotStart(let name, let reason): "\(name) cannot be started: \(reason)"
        case .timedOut(let name, let limit): "\(name) did not end within \(limit.inWords) and was killed"
        }
    }
}

extension Duration {
    /// As the configuration spells it: `90s`, `20m`, `1h`.
    package var inWords: String {
        let seconds = components.seconds
        if seconds == 0 { return "\(components.attoseconds / 1_000_000_000_000_000)ms" }
        if seconds >= 3600, seconds % 3600 == 0 { return "\(seconds / 3600)h" }
        if seconds >= 60, seconds % 60 == 0 { return "\(seconds / 60)m" }
        return "\(seconds)s"
    }
}

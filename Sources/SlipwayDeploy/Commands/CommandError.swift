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

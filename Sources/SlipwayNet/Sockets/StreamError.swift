/// Why a connection can no longer be read or written.
package enum StreamError: Error, Sendable {
    /// The deadline passed first.
    case timedOut
    /// It was closed on this side.
    case closed
    /// The other side ended TCP without ending TLS: what came may be cut short (RFC 8446, section 6.1).
    case truncated
    /// The connection broke: reset, unreachable.
    case broken(SystemError)
    case tls(String)
}

extension StreamError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .timedOut: "the other side did not answer in time"
        case .closed: "the connection was closed here"
        case .truncated: "the other side ended the connection without ending TLS"
        case .broken(let error): error.description
        case .tls(let reason): "TLS: \(reason)"
        }
    }
}

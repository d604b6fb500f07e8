/// Why there is no connection.
package enum ConnectError: Error, Sendable {
    case cannotResolve(host: String, reason: String)
    case cannotConnect(host: String, port: Int, reason: String)
    /// The handshake failed, or the certificate is not one that the client trusts for this host.
    case tls(host: String, reason: String)
    case timedOut(host: String, port: Int)
    /// The task was cancelled: pass it on as `CancellationError`.
    case cancelled
}

extension ConnectError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotResolve(let host, let reason): "cannot find the address of \(host): \(reason)"
        case .cannotConnect(let host, let port, let reason): "cannot connect to \(host) on port \(port): \(reason)"
        case .tls(let host, let reason): "no secure connection to \(host): \(reason)"
        case .timedOut(let host, let port): "no connection to \(host) on port \(port) in time"
        case .cancelled: "cancelled"
        }
    }
}

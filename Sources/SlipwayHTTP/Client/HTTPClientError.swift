/// Why there is no response, or not all of it. A cancelled task gets `CancellationError` instead.
package enum HTTPClientError: Error, Sendable {
    case invalidURL(String)
    case cannotConnect(host: String, port: Int, reason: String)
    case tls(host: String, reason: String)
    case deadlineExceeded
    /// The server hung up before the response was complete.
    case connectionClosed
    case malformedResponse(String)
    /// The request's body is longer or shorter than it said.
    case wrongBodyLength
}

extension HTTPClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidURL(let url): "\(url) is not a URL that can be asked"
        case .cannotConnect(let host, let port, let reason): "cannot connect to \(host) on port \(port): \(reason)"
        case .tls(let host, let reason): "no secure connection to \(host): \(reason)"
        case .deadlineExceeded: "the response took too long"
        case .connectionClosed: "the server closed the connection before its response was complete"
        case .malformedResponse(let reason): "the server's response is malformed: \(reason)"
        case .wrongBodyLength: "the request's body is not as long as it said"
        }
    }
}

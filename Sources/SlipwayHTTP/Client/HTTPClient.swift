import SlipwayBase
package import SlipwayNet

/// Sends requests over HTTP/1.1, TLS for `https`. Follows no redirect; `Authorization` goes nowhere but where it was sent.
///
/// A connection for each request: what we talk to (Heroku, GitHub, a registry) is asked every few seconds at most, and a
/// connection that was kept may be closed by the other side just as a request that must not be sent twice leaves.
package final class HTTPClient: Sendable {
    private let tls: TLSClientContext

    /// - Parameter tls: whom to trust; certificates and host names are always verified.
    package init(tls: TLSClientContext) {
        self.tls = tls
    }

    /// Sends one request and returns once the response's header is there.
    ///
    /// - Parameter deadline: for everything up to the last byte of the body; when it passes, what awaits throws.
    /// - Throws: `HTTPClientError`, `CancellationError`. No status is an error.
    package func send(_ request: HTTPClientRequest, deadline: Duration = .seconds(30)) async throws
        -> HTTPClientResponse
    {
        guard let url = HTTPURL(request.url) else { throw HTTPClientError.invalidURL(request.url) }
        let end = Deadline.after(deadline)
        let stream: any ByteStream
        do {
            stream = try await Connector.connect(
                host: url.host, port: url.port, tls: url.isSecure ? tls : nil, protocols: ["http/1.1"],
                deadline: deadline)
        } catch {
            throw Self.translate(error, url)
        }
        let exchange = HTTPExchange(stream, method: request.method, until: end)
        return try await exchange.run(request, url)
    }

    private static func translate(_ error: ConnectError, _ url: HTTPURL) -> any Error {
        switch error {
        case .cannotResolve(let host, let reason):
            HTTPClientError.cannotConnect(host: host, port: url.port, reason: reason)
        case .cannotConnect(let host, let port, let reason):
            HTTPClientError.cannotConnect(host: host, port: port, reason: reason)
        case .tls(let host, let reason): HTTPClientError.tls(host: host, reason: reason)
        case .timedOut: HTTPClientError.deadlineExceeded
        case .cancelled: CancellationError()
        }
    }
}

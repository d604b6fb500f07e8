import SlipwayBase
package import SlipwayNet

/// Sends requests over HTTP/1.1, TLS for `https`. Follows no redirect; `Authorization` goes nowhere but where it was sent.
///
/// Connections are kept and used again, but only for what may be sent twice: a server may close a kept one just as a
/// request leaves, and then nobody can say whether it was done. A GET is then asked again; a POST must not be, and its
/// answer is worth a handshake, so it always gets a connection of its own. Nothing else is ever tried again here: what a
/// status or a failure means, only the caller knows.
package final class HTTPClient: Sendable {
    private let tls: TLSClientContext
    private let pool = ConnectionPool()

    /// - Parameter tls: whom to trust; certificates and host names are always verified.
    package init(tls: TLSClientContext) {
        self.tls = tls
    }

    /// Sends one request and returns once the response's header is there; what is left of the request's body is then
    /// still sent while the response is read.
    ///
    /// - Parameter deadline: for everything up to the last byte of the body; when it passes, what awaits throws.
    /// - Throws: `HTTPClientError`, `CancellationError`, or what a streamed request body throws. No status is an error.
    package func send(_ request: HTTPClientRequest, deadline: Duration = .seconds(30)) async throws
        -> HTTPClientResponse
    {
        guard let url = HTTPURL(request.url) else { throw HTTPClientError.invalidURL(request.url) }
        let end = Deadline.after(deadline)
        let origin = ConnectionPool.Origin(isSecure: url.isSecure, host: url.host.lowercased(), port: url.port)
        if request.isRepeatable, let kept = await pool.take(origin) {
            do {
                return try await exchange(request, url, on: kept, origin, until: end)
            } catch is HTTPExchange.NoAnswer {}
        }
        let fresh = ConnectionPool.Connection(
            stream: try await connect(url, until: end), endOfLife: .after(ConnectionPool.life))
        do {
            return try await exchange(request, url, on: fresh, origin, until: end)
        } catch is HTTPExchange.NoAnswer {
            throw HTTPClientError.connectionClosed
        }
    }

    private func exchange(
        _ request: HTTPClientRequest, _ url: HTTPURL, on connection: ConnectionPool.Connection,
        _ origin: ConnectionPool.Origin, until end: Deadline
    ) async throws -> HTTPClientResponse {
        // Weak: a response that is still read keeps its connection, not the client.
        let exchange = HTTPExchange(connection.stream, until: end) { [weak pool] in
            guard let pool else { return await connection.stream.close() }
            await pool.put(connection, origin)
        }
        return try await exchange.run(request, url)
    }

    private func connect(_ url: HTTPURL, until end: Deadline) async throws -> ByteStream {
        do {
            return try await Connector.connect(
                host: url.host, port: url.port, tls: url.isSecure ? tls : nil, protocols: ["http/1.1"],
                deadline: end.remaining)
        } catch {
            switch error {
            case .cannotResolve(let host, let reason):
                throw HTTPClientError.cannotConnect(host: host, port: url.port, reason: reason)
            case .cannotConnect(let host, let port, let reason):
                throw HTTPClientError.cannotConnect(host: host, port: port, reason: reason)
            case .tls(let host, let reason): throw HTTPClientError.tls(host: host, reason: reason)
            case .timedOut: throw HTTPClientError.deadlineExceeded
            case .cancelled: throw CancellationError()
            }
        }
    }
}

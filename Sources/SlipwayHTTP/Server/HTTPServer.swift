package import SlipwayNet

/// Listens, and answers each connection's requests in order with what the router says.
package final class HTTPServer: Sendable {
    /// The port it listens on, also when 0 was asked for.
    package let port: Int

    private let listener: Listener
    private let limits: HTTPLimits
    private let router: Router

    /// Binds and listens, so that a busy port is an error here.
    /// - Parameters:
    ///   - host: an address: `127.0.0.1`, `::`.
    ///   - tls: nil: plain HTTP.
    package init(
        host: String, port: Int, tls: TLSServerContext? = nil, limits: HTTPLimits = HTTPLimits(), router: Router
    )
        throws
    {
        listener = try Listener(host: host, port: port, tls: tls)
        self.port = listener.port
        self.limits = limits
        self.router = router
    }

    /// Serves until the task is cancelled, then stops accepting, finishes requests under way within
    /// `limits.stopTime` and returns. A server runs once.
    /// - Throws: only when it can no longer accept connections.
    package func run() async throws {
        let connections = ConnectionList()
        let failure = await accept(into: connections)
        await listener.close()
        await connections.stop(within: limits.stopTime)
        if let failure { throw failure }
    }

    private func accept(into connections: ConnectionList) async -> (any Error)? {
        while true {
            do {
                let (stream, peer) = try await listener.accept()
                guard connections.count < limits.connections else {
                    Task { await Self.turnAway(stream) }
                    continue
                }
                connections.serve(HTTPConnection(stream, peer: peer, limits: limits, router: router))
            } catch is CancellationError {
                return nil
            } catch {
                return error
            }
        }
    }

    /// Without reading: who floods the server with connections gets as little of it as possible.
    private static func turnAway(_ stream: any ByteStream) async {
        if !stream.isSecure {
            var bytes = HTTPEncoder.statusLine(.serviceUnavailable)
            HTTPEncoder.append("Date", HTTPDate.now(), to: &bytes)
            HTTPEncoder.append("Content-Length", "0", to: &bytes)
            HTTPEncoder.append("Retry-After", "5", to: &bytes)
            HTTPEncoder.append("Connection", "close", to: &bytes)
            try? await stream.write(bytes + HTTPEncoder.lineEnd, until: .after(.seconds(1)))
        }
        await stream.close()
    }
}

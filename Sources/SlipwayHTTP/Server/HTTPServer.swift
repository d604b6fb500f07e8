package import SlipwayNet

/// Listens, and answers each connection's requests in order with what the router says.
package final class HTTPServer: Sendable {
    /// The port it listens on, even if 0 was asked for.
    package let port: Int

    private let listener: Listener
    private let site: HTTPSite

    /// - Parameters:
    ///   - socket: bound already, so that a busy port is an error before this.
    ///   - tls: nil: plain HTTP.
    ///   - spool: a folder on a disk with room, for large bodies while they arrive.
    ///   - proxies: addresses or ranges of them, as they are now. What comes from there counts for the client that it was
    ///     forwarded for.
    package init(
        on socket: ListeningSocket, tls: TLSServerContext? = nil, limits: HTTPLimits = HTTPLimits(),
        spool: String = "/tmp", proxies: @escaping @Sendable () -> [String] = { [] }, router: Router
    ) throws {
        listener = try Listener(socket, tls: tls)
        port = listener.port
        site = HTTPSite(limits: limits, router: router, spool: spool, proxies: proxies)
    }

    /// Binds and listens.
    /// - Parameter host: an address: `127.0.0.1`, `::`.
    package convenience init(
        host: String, port: Int, tls: TLSServerContext? = nil, limits: HTTPLimits = HTTPLimits(),
        proxies: @escaping @Sendable () -> [String] = { [] }, router: Router
    ) throws {
        try self.init(
            on: ListeningSocket(host: host, port: port), tls: tls, limits: limits, proxies: proxies, router: router)
    }

    /// Serves until the task is cancelled, then stops accepting, finishes requests under way within
    /// `limits.stopTime` and returns. A server runs once.
    /// - Throws: only when it can no longer accept connections.
    package func run() async throws {
        let failure = await accept()
        await listener.close()
        await site.connections.stop(within: site.limits.stopTime)
        if let failure { throw failure }
    }

    private func accept() async -> (any Error)? {
        do {
            try await listener.acceptAll { [site] stream, peer in
                let connection = HTTPConnection(stream, peer: peer, of: site)
                guard site.connections.admit(connection) else {
                    Task { await Self.turnAway(stream) }
                    return
                }
                await connection.start()
            }
            return nil
        } catch is CancellationError {
            return nil
        } catch {
            return error
        }
    }

    /// Without reading: who floods the server with connections gets as little of it as possible.
    private static func turnAway(_ stream: ByteStream) async {
        if !stream.isSecure {
            var bytes: [UInt8] = []
            HTTPEncoder.append(.serviceUnavailable, to: &bytes)
            bytes += HTTPDate.fieldLine()
            HTTPEncoder.append("Content-Length", "0", to: &bytes)
            HTTPEncoder.append("Retry-After", "5", to: &bytes)
            HTTPEncoder.append("Connection", "close", to: &bytes)
            try? await stream.write(bytes + HTTPEncoder.lineEnd, until: .after(.seconds(1)))
        }
        await stream.close()
    }
}

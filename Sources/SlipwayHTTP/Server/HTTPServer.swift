package import SlipwayNet

/// Listens, and answers each connection's requests in order with what the router says.
package final class HTTPServer: Sendable {
    /// The port it listens on, also when 0 was asked for.
    package let port: Int

    /// Binds and listens, so that a busy port is an error here.
    /// - Parameters:
    ///   - host: an address: `127.0.0.1`, `::`.
    ///   - tls: nil: plain HTTP.
    package init(
        host: String, port: Int, tls: TLSServerContext? = nil, limits: HTTPLimits = HTTPLimits(), router: Router
    )
        throws
    {
        self.port = port
    }

    /// Serves until the task is cancelled, then stops accepting, finishes requests under way within
    /// `limits.stopTime` and returns.
    package func run() async throws {}
}

package import SlipwayNet

/// Sends requests over HTTP/1.1, TLS for `https`. Follows no redirect; `Authorization` goes nowhere but where it was sent.
package final class HTTPClient: Sendable {
    /// - Parameter tls: whom to trust; certificates and host names are always verified.
    package init(tls: TLSClientContext) {}

    /// Sends one request and returns once the response's header is there.
    ///
    /// - Parameter deadline: for everything up to the last byte of the body; when it passes, what awaits throws.
    /// - Throws: `HTTPClientError`. No status is an error.
    package func send(_ request: HTTPClientRequest, deadline: Duration = .seconds(30)) async throws
        -> HTTPClientResponse
    {
        throw HTTPClientError.connectionClosed
    }
}

package struct HTTPClientRequest: Sendable {
    package var method: HTTPMethod
    /// Absolute, `http` or `https`.
    package var url: String
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(_ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

package struct HTTPClientResponse: Sendable {
    package var status: HTTPStatus
    package var headers: HTTPHeaders
    /// Pieces as they arrive; not reading to the end closes the connection.
    package var body: HTTPRequestBody
}

package enum HTTPClientError: Error, Sendable {
    case invalidURL(String)
    case cannotConnect(host: String, port: Int, reason: String)
    case tls(host: String, reason: String)
    case deadlineExceeded
    case connectionClosed
    case malformedResponse(String)
}

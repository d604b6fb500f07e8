package struct HTTPClientRequest: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Pulled piece by piece as the server takes it; without a length it is sent in chunks. It can be read only once.
        case stream(HTTPRequestBody)
    }

    package var method: HTTPMethod
    /// Absolute, `http` or `https`.
    package var url: String
    package var headers: HTTPHeaders
    package var body: Body

    package init(_ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: Body) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    package init(_ method: HTTPMethod, _ url: String, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.init(method, url, headers: headers, body: .bytes(body))
    }

    /// Whether sending it twice does what sending it once does (RFC 9110, section 9.2.2), and it can be sent twice.
    var isRepeatable: Bool {
        guard case .bytes = body else { return false }
        return [.get, .head, .put, .delete, .options].contains(method)
    }
}

package struct HTTPClientResponse: Sendable {
    package var status: HTTPStatus
    package var headers: HTTPHeaders
    /// Pieces as they arrive; not reading to the end closes the connection.
    package var body: HTTPRequestBody

    /// How long the server asks to be left alone (RFC 9110, section 10.2.3). Seconds only: what it means as a date depends
    /// on two wall clocks.
    package var retryAfter: Duration? { headers["Retry-After"].flatMap(UInt32.init).map { .seconds($0) } }
}

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

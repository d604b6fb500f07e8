/// A request as the server received it, its body still on the wire.
package struct HTTPRequest: Sendable {
    package var method: HTTPMethod
    package var target: HTTPTarget
    package var headers: HTTPHeaders
    package var body: HTTPRequestBody
    /// The peer's address without its port.
    package var remoteAddress: String
    package var isSecure: Bool

    package init(
        method: HTTPMethod, target: HTTPTarget, headers: HTTPHeaders = [:], body: HTTPRequestBody = .empty,
        remoteAddress: String = "127.0.0.1", isSecure: Bool = false
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
    }
}

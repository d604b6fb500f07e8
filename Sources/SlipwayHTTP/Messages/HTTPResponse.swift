/// What a handler answers; the server adds `Date`, `Content-Length` or chunks, and `Connection`.
package struct HTTPResponse: Sendable {
    package var status: HTTPStatus
    package var headers: HTTPHeaders
    package var body: Body

    package enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Written piece by piece until the closure returns; `write` waits while the client reads slowly and throws
        /// once it is gone.
        case stream(@Sendable (HTTPBodyWriter) async throws -> Void)
        /// A part of a regular file.
        case file(OpenFile, Range<Int>)
    }

    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func text(_ text: String, status: HTTPStatus = .ok, type: String = "text/plain; charset=utf-8")
        -> HTTPResponse
    {
        HTTPResponse(status, headers: ["Content-Type": type], body: .bytes(Array(text.utf8)))
    }

    /// - Parameter json: a JSON text, already encoded.
    package static func json(_ json: [UInt8], status: HTTPStatus = .ok) -> HTTPResponse {
        HTTPResponse(status, headers: ["Content-Type": "application/json"], body: .bytes(json))
    }

    package static func redirect(to location: String) -> HTTPResponse {
        HTTPResponse(.seeOther, headers: ["Location": location])
    }
}

/// Takes the pieces of a streamed body.
package struct HTTPBodyWriter: Sendable {
    private let send: @Sendable ([UInt8]) async throws -> Void

    package init(send: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.send = send
    }

    package func write(_ bytes: [UInt8]) async throws { try await send(bytes) }
    package func write(_ text: String) async throws { try await send(Array(text.utf8)) }
}

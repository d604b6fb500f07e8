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

/// The body of a request, pulled by whoever reads it; what is left unread is discarded or the connection closed.
package struct HTTPRequestBody: Sendable {
    /// nil: chunked, its length is not known yet.
    package var length: Int?
    private let next: @Sendable () async throws -> [UInt8]?

    /// - Parameter next: the next piece, nil at the end.
    package init(length: Int?, next: @escaping @Sendable () async throws -> [UInt8]?) {
        self.length = length
        self.next = next
    }

    package static let empty = HTTPRequestBody(length: 0) { nil }

    package static func bytes(_ bytes: [UInt8]) -> HTTPRequestBody {
        let pieces = PieceList(pieces: [bytes])
        return HTTPRequestBody(length: bytes.count) { await pieces.next() }
    }

    /// The next piece as it arrives, nil at the end.
    package func read() async throws -> [UInt8]? { try await next() }

    /// The whole body.
    /// - Throws: `HTTPError.contentTooLarge` as soon as the length or what has arrived exceeds the limit.
    package func collect(upTo limit: Int) async throws -> [UInt8] {
        if let length, length > limit { throw HTTPError.contentTooLarge(limit: limit) }
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard bytes.count + piece.count <= limit else { throw HTTPError.contentTooLarge(limit: limit) }
            bytes += piece
        }
        return bytes
    }

    private actor PieceList {
        var pieces: [[UInt8]]

        init(pieces: [[UInt8]]) { self.pieces = pieces }

        func next() -> [UInt8]? { pieces.isEmpty ? nil : pieces.removeFirst() }
    }
}

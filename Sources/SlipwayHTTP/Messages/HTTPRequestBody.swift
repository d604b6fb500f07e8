/// The body of a request, pulled by whoever reads it; what is left unread is discarded or the connection closed.
package struct HTTPRequestBody: Sendable {
    package typealias Next = nonisolated(nonsending) @Sendable () async throws -> [UInt8]?

    /// nil: chunked, its length is not known yet.
    package var length: Int?
    private let next: Next
    private let room: BodyRoom

    /// What the routes hold to.
    package var limits: BodyLimits { room.limits }

    /// - Parameter next: the next piece, nil at the end.
    package init(length: Int?, next: @escaping Next) {
        self.init(length: length, room: BodyRoom(), next: next)
    }

    init(length: Int?, room: BodyRoom, next: @escaping Next) {
        self.length = length
        self.room = room
        self.next = next
    }

    package static let empty = HTTPRequestBody(length: 0) { nil }

    package static func bytes(_ bytes: [UInt8]) -> HTTPRequestBody {
        let pieces = PieceList(pieces: [bytes])
        return HTTPRequestBody(length: bytes.count) { await pieces.next() }
    }

    /// The next piece as it arrives, nil at the end.
    package nonisolated(nonsending) func read() async throws -> [UInt8]? { try await next() }

    /// The whole body in memory; for small ones.
    /// - Throws: `HTTPError.contentTooLarge` as soon as the length or what has arrived exceeds the limit.
    package nonisolated(nonsending) func collect(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await pieces(upTo: limit) { piece in
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }

    /// The whole body, in memory or, where it is large, in a file, within the room that all bodies share.
    /// - Parameter see: sees each piece as it arrives.
    /// - Throws: `HTTPError`: too large, no room left, or nowhere to keep it.
    package nonisolated(nonsending) func receive(
        upTo limit: Int, _ see: ([UInt8]) -> Void
    ) async throws -> ReceivedBody {
        var body = ReceivedBody(in: room)
        try await pieces(upTo: limit) { piece in
            see(piece)
            try body.append(piece)
        }
        try body.complete()
        return body
    }

    private nonisolated(nonsending) func pieces(upTo limit: Int, _ take: ([UInt8]) throws -> Void) async throws {
        if let length, length > limit { throw HTTPError.contentTooLarge(limit: limit) }
        var count = 0
        while let piece = try await next() {
            count += piece.count
            guard count <= limit else { throw HTTPError.contentTooLarge(limit: limit) }
            try take(piece)
        }
    }

    private actor PieceList {
        var pieces: [[UInt8]]

        init(pieces: [[UInt8]]) { self.pieces = pieces }

        func next() -> [UInt8]? { pieces.isEmpty ? nil : pieces.removeFirst() }
    }
}

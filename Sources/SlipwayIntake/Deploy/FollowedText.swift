import SlipwayHTTP

/// A log on its way to a reader, with lines of ours in between, each of which begins a line whatever the log printed last.
actor FollowedText {
    private let writer: HTTPBodyWriter
    private var isAtLineStart = true

    init(_ writer: HTTPBodyWriter) {
        self.writer = writer
    }

    /// Who reads takes no more.
    struct ReaderIsGone: Error {
        let cause: any Error
    }

    func write(_ piece: [UInt8]) async throws(ReaderIsGone) {
        do {
            try await writer.write(piece)
        } catch {
            throw ReaderIsGone(cause: error)
        }
        // A carriage return is how a line that is drawn again goes back to its beginning.
        if let last = piece.last { isAtLineStart = last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") }
    }

    func say(_ line: String) async throws(ReaderIsGone) {
        try await write(Array("\(isAtLineStart ? "" : "\n")slipway: \(line)\n".utf8))
    }
}

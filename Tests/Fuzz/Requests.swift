@testable import SlipwayHTTP

/// Reads a connection's bytes as the server does: head, body, head, body, until an error.
enum Requests {
    struct Message: Equatable {
        var method: String
        var target: HTTPTarget
        var isAboutServer: Bool
        var version: HTTPVersion
        var fields: Fields
        var framing: HTTPFraming
        var keepsAlive: Bool
        var expectsContinue: Bool
        var body: [UInt8]
    }

    /// Small, so that the fuzzer reaches them.
    private static let limits = HTTPHeadParser.Limits(startLineBytes: 96, headerBytes: 160, headerFields: 6)
    private static let bodyLimits = HTTPBodyDecoder.Limits(chunkLineBytes: 24, trailerBytes: 48, trailerFields: 2)
    /// For what is written again, which may be longer.
    private static let wide = HTTPHeadParser.Limits(startLineBytes: 8192, headerBytes: 8192, headerFields: 100)

    static func check(_ bytes: [UInt8], cut seed: UInt8) {
        let outcome = Cut.compare(bytes, seed) { read($0, as: $1) }
        for message in outcome.messages {
            Texts.checkPath(message.target.path)
            checkAgain(message)
        }
    }

    private static func read(_ bytes: [UInt8], as cut: Cut) -> Outcome<Message> {
        var outcome = Outcome<Message>()
        var reader = Reader(limits)
        var fed = 0
        cut.feed(bytes) { piece in
            fed += piece.count
            reader.buffer.append(piece)
            do throws(HTTPParseError) {
                while let message = try reader.next() { outcome.messages.append(message) }
            } catch {
                outcome.error = error
            }
            return outcome.error == nil
        }
        outcome.body = reader.body
        outcome.left = bytes.count - fed + reader.buffer.count
        return outcome
    }

    private struct Reader {
        var buffer = ReadBuffer()
        var body: [UInt8] = []
        private var parser: HTTPHeadParser
        private var head: HTTPRequestHead?
        private var decoder: HTTPBodyDecoder?

        init(_ limits: HTTPHeadParser.Limits) { parser = HTTPHeadParser(.request, limits: limits) }

        mutating func next() throws(HTTPParseError) -> Message? {
            if head == nil {
                guard let parsed = try parser.parse(&buffer) else { return nil }
                let new = try HTTPRequestHead(parsed)
                head = new
                decoder = HTTPBodyDecoder(new.framing, limits: bodyLimits)
            }
            var piece: [UInt8] = []
            // Also what came before an error has come.
            defer { body += piece }
            guard let head, try decoder?.decode(&buffer, into: &piece) == .complete else { return nil }
            defer {
                self.head = nil
                body = []
                piece = []
            }
            return Message(
                method: head.method.description, target: head.target, isAboutServer: head.isAboutServer,
                version: head.version, fields: Fields(head.headers), framing: head.framing,
                keepsAlive: head.keepsAlive, expectsContinue: head.expectsContinue, body: body + piece)
        }
    }

    /// What was accepted can be written, and is then understood as the same.
    private static func checkAgain(_ message: Message) {
        let target = message.isAboutServer ? "*" : message.target.raw
        let version = message.version == .http11 ? "1.1" : "1.0"
        var bytes = Array("\(message.method) \(target) HTTP/\(version)\r\n".utf8)
        for line in message.fields.lines { bytes += line + HTTPEncoder.lineEnd }
        bytes += HTTPEncoder.lineEnd
        if message.framing == .chunked {
            if !message.body.isEmpty { bytes += HTTPEncoder.chunk(message.body) }
            bytes += HTTPEncoder.lastChunk
        } else {
            bytes += message.body
        }
        var reader = Reader(wide)
        reader.buffer.append(bytes)
        let again = try? reader.next()
        require(again == message, "what is accepted is understood again:\n\(message)\n\(String(describing: again))")
        require(reader.buffer.isEmpty, "nothing is left of what is written again")
    }
}

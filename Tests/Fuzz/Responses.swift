@testable import SlipwayHTTP

/// Reads a connection's bytes as the client does: one response, and the connection's end after it.
enum Responses {
    struct Message: Equatable {
        var code: Int
        var version: HTTPVersion
        var fields: Fields
        var framing: HTTPFraming
        var body: [UInt8]
    }

    private static let limits = HTTPHeadParser.Limits(startLineBytes: 64, headerBytes: 160, headerFields: 6)
    private static let bodyLimits = HTTPBodyDecoder.Limits(chunkLineBytes: 24, trailerBytes: 48, trailerFields: 2)

    static func check(_ bytes: [UInt8], cut seed: UInt8, to method: HTTPMethod) {
        let outcome = Cut.compare(bytes, seed) { read($0, as: $1, to: method) }
        for message in outcome.messages { checkAgain(message) }
    }

    private static func read(_ bytes: [UInt8], as cut: Cut, to method: HTTPMethod) -> Outcome<Message> {
        var outcome = Outcome<Message>()
        var buffer = ReadBuffer()
        var parser = HTTPHeadParser(.status, limits: limits)
        var message: Message?
        var decoder: HTTPBodyDecoder?
        var fed = 0

        func step() throws(HTTPParseError) {
            if decoder == nil {
                guard let head = try parser.parse(&buffer) else { return }
                guard case .status(let code, let version) = head.startLine else { return }
                let framing = try HTTPFraming.response(head.headers, version, status: code, to: method)
                message = Message(
                    code: code, version: version, fields: Fields(head.headers), framing: framing, body: [])
                decoder = HTTPBodyDecoder(framing, limits: bodyLimits)
            }
            var piece: [UInt8] = []
            defer { outcome.body += piece }
            _ = try decoder?.decode(&buffer, into: &piece)
        }

        cut.feed(bytes) { piece in
            fed += piece.count
            buffer.append(piece)
            do throws(HTTPParseError) { try step() } catch { outcome.error = error }
            return outcome.error == nil && decoder?.isComplete != true
        }
        if outcome.error == nil, decoder?.isComplete == false {
            do throws(HTTPParseError) { try decoder?.end() } catch { outcome.error = error }
        }
        if var message, decoder?.isComplete == true {
            message.body = outcome.body
            outcome.body = []
            outcome.messages = [message]
        }
        outcome.left = bytes.count - fed + buffer.count
        return outcome
    }

    /// The server's own way to write a head is understood by the client.
    private static func checkAgain(_ message: Message) {
        var bytes: [UInt8] = []
        HTTPEncoder.append(HTTPStatus(message.code), to: &bytes)
        for line in message.fields.lines { bytes += line + HTTPEncoder.lineEnd }
        bytes += HTTPEncoder.lineEnd
        var buffer = ReadBuffer()
        buffer.append(bytes)
        var parser = HTTPHeadParser(
            .status, limits: HTTPHeadParser.Limits(startLineBytes: 8192, headerBytes: 8192, headerFields: 100))
        let head = try? parser.parse(&buffer)
        require(head?.startLine == .status(code: message.code, .http11), "a status line is understood again")
        require(head.map { Fields($0.headers) } == message.fields, "a header section is understood again")
        require(buffer.isEmpty, "nothing is left of a head that is written again")
    }
}

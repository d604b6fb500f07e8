import Testing

@testable import SlipwayHTTP

@Suite struct BodyDecoderTests {
    /// Decodes the text whole, and again cut in two at every place; the outcome must be the same.
    private func decode(_ text: String, _ framing: HTTPFraming = .chunked) throws(HTTPParseError) -> String {
        let bytes = Array(text.utf8)
        var last: Result<String, HTTPParseError> = .success("")
        for cut in 0...bytes.count {
            let result = Result { () throws(HTTPParseError) in try Self.decode([bytes[..<cut], bytes[cut...]], framing)
            }
            #expect(cut == 0 || result == last, "the outcome depends on the cut at \(cut)")
            last = result
        }
        return try last.get()
    }

    /// - Returns: the body, then `|` and what is left in the buffer.
    private static func decode(_ pieces: [ArraySlice<UInt8>], _ framing: HTTPFraming) throws(HTTPParseError) -> String {
        var decoder = HTTPBodyDecoder(
            framing, limits: HTTPBodyDecoder.Limits(chunkLineBytes: 20, trailerBytes: 60, trailerFields: 2))
        var buffer = ReadBuffer()
        var body: [UInt8] = []
        for piece in pieces where !piece.isEmpty {
            buffer.append(Array(piece))
            _ = try decoder.decode(&buffer, into: &body)
        }
        if !decoder.isComplete { try decoder.end() }
        let rest = buffer.withBytes { String(decoding: $0, as: UTF8.self) }
        return String(decoding: body, as: UTF8.self) + "|" + rest
    }

    @Test(arguments: [
        ("0\r\n\r\n", "|"), ("5\r\nhello\r\n0\r\n\r\nGET", "hello|GET"), ("1\r\na\r\n1\r\nb\r\n0\r\n\r\n", "ab|"),
        ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789|"), ("1;x=y\r\na\r\n0;z\r\n\r\n", "a|"),
        ("1 ;x\r\na\r\n0\r\n\r\n", "a|"), ("001\r\na\r\n000\r\n\r\n", "a|"), ("1\r\na\r\n0\r\nX: y\r\n\r\n", "a|"),
        ("00000000000000001\r\na\r\n0\r\n\r\n", "a|"), ("1\r\na\r\n0\r\nA: b\r\nA: b\r\n\r\n", "a|"),
    ]) func `takes chunks`(_ text: String, _ outcome: String) throws {
        #expect(try decode(text) == outcome)
    }

    @Test(arguments: [
        ("g\r\n", HTTPParseError.malformedChunk), ("-1\r\n", .malformedChunk), ("0x1\r\n", .malformedChunk),
        (" 1\r\na\r\n", .malformedChunk), ("1 \r\na\r\n", .malformedChunk), ("\r\n", .malformedChunk),
        ("1\na\r\n", .malformedChunk), ("1\r\nabc\r\n", .malformedChunk), ("1\r\na\n0\r\n\r\n", .malformedChunk),
        ("1;\u{0}\r\na\r\n", .malformedChunk), ("FFFFFFFFFFFFFFFF\r\n", .chunkTooLarge),
        ("8000000000000000\r\n", .chunkTooLarge),
        ("1\r\na\r\n0\r\nA b: c\r\n\r\n", .malformedField), ("1\r\na\r\n0\r\n A: b\r\n\r\n", .foldedField),
        ("1;" + String(repeating: "x", count: 30) + "\r\na\r\n", .malformedChunk),
        ("0\r\nA: " + String(repeating: "x", count: 60) + "\r\n\r\n", .trailerTooLarge),
        ("0\r\nA: b\r\nA: b\r\nA: b\r\n\r\n", .trailerTooLarge), ("5\r\nhel", .truncated),
        ("5\r\nhello\r\n", .truncated),
        ("0\r\n", .truncated), ("", .truncated),
    ]) func `refuses chunks`(_ text: String, _ error: HTTPParseError) {
        #expect(throws: error) { try decode(text) }
    }

    @Test func `takes as much as the length says`() throws {
        #expect(try decode("helloGET", .length(5)) == "hello|GET")
        #expect(try decode("GET", .length(0)) == "|GET")
        #expect(throws: HTTPParseError.truncated) { try decode("hell", .length(5)) }
    }

    @Test func `takes everything until the end where nothing says how much`() throws {
        #expect(try decode("hello", .untilEnd) == "hello|")
        #expect(try decode("", .untilEnd) == "|")
    }
}

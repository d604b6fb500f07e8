import Testing

@testable import SlipwayHTTP

@Suite struct ParserTests {
    private static let limits = HTTPHeadParser.Limits(startLineBytes: 100, headerBytes: 200, headerFields: 5)

    /// Parses the text whole, and then again cut in two at every place: the outcome must be the same.
    private func head(_ text: String, _ kind: StartLine.Kind = .request) throws(HTTPParseError) -> HTTPHead {
        let bytes = Array(text.utf8)
        var outcomes: [Result<String, HTTPParseError>] = []
        var last: Result<HTTPHead, HTTPParseError> = .failure(.truncated)
        for cut in 0...bytes.count {
            let result = Result { () throws(HTTPParseError) in try Self.parse([bytes[..<cut], bytes[cut...]], kind) }
            outcomes.append(result.map { "\($0.startLine) \($0.headers.map { "\($0.name)=\($0.value)" })" })
            last = result
        }
        #expect(outcomes.allSatisfy { $0 == outcomes[0] }, "the outcome depends on where the bytes are cut")
        return try last.get()
    }

    private func request(_ text: String) throws(HTTPParseError) -> HTTPRequestHead {
        try HTTPRequestHead(try head(text))
    }

    private static func parse(_ pieces: [ArraySlice<UInt8>], _ kind: StartLine.Kind) throws(HTTPParseError) -> HTTPHead
    {
        var parser = HTTPHeadParser(kind, limits: limits)
        var buffer = ReadBuffer()
        for piece in pieces where !piece.isEmpty {
            buffer.append(Array(piece))
            if let head = try parser.parse(&buffer) { return head }
        }
        throw .truncated
    }

    @Test func `reads a request`() throws {
        let head = try request("POST /a%20b?c=d+e HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-Empty:\r\n\r\n")
        #expect(head.method == .post)
        #expect(head.target.path == "/a b")
        #expect(head.target.value("c") == "d e")
        #expect(head.framing == .length(5))
        #expect(head.headers["x-empty"] == "")
        #expect(head.keepsAlive)
    }

    @Test func `reads a request byte by byte`() throws {
        let bytes = Array("GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\n".utf8)
        let head = try Self.parse(bytes.indices.map { bytes[$0...$0] }, .request)
        #expect(head.headers["a"] == "b")
    }

    @Test func `reads a response, with and without a reason`() throws {
        #expect(try head("HTTP/1.1 200 OK\r\n\r\n", .status).startLine == .status(code: 200, .http11))
        #expect(try head("HTTP/1.0 404\r\n\r\n", .status).startLine == .status(code: 404, .http10))
        #expect(throws: HTTPParseError.malformedStartLine) { try head("HTTP/1.1 20 OK\r\n\r\n", .status) }
        #expect(throws: HTTPParseError.malformedStartLine) { try head("SSH-2.0-OpenSSH_9.2\r\n\r\n", .status) }
        #expect(throws: HTTPParseError.unsupportedVersion) { try head("HTTP/2.0 200 OK\r\n\r\n", .status) }
    }

    @Test(arguments: [
        ("GET  / HTTP/1.1", HTTPParseError.malformedStartLine), ("GET / HTTP/1.1 ", .malformedStartLine),
        ("GET /", .malformedStartLine), ("GET / http/1.1", .malformedStartLine),
        ("GET / HTTP/2.0", .unsupportedVersion),
        ("GET /\u{7F} HTTP/1.1", .malformedStartLine), ("G@T / HTTP/1.1", .malformedStartLine),
        (" GET / HTTP/1.1", .malformedStartLine), ("GET a HTTP/1.1", .malformedTarget),
        ("GET /%zz HTTP/1.1", .malformedTarget), ("GET /../.. HTTP/1.1", .malformedTarget),
        ("GET /%00 HTTP/1.1", .malformedTarget), ("GET x:443 HTTP/1.1", .malformedTarget),
        ("CONNECT x:443 HTTP/1.1", .unsupportedMethod), ("GET * HTTP/1.1", .malformedTarget),
        ("GET http://user@x/ HTTP/1.1", .malformedTarget), ("GET /\rX HTTP/1.1", .malformedStartLine),
        ("GET /" + String(repeating: "a", count: 100) + " HTTP/1.1", .startLineTooLong),
    ]) func `refuses a request line`(_ line: String, _ error: HTTPParseError) {
        #expect(throws: error) { try request(line + "\r\nHost: x\r\n\r\n") }
    }

    @Test(arguments: [
        ("A : b", HTTPParseError.malformedField), ("A\t: b", .malformedField), ("A b: c", .malformedField),
        (": b", .malformedField), ("A", .malformedField), (" A: b", .foldedField), ("\tA: b", .foldedField),
        ("A: b\u{0}c", .malformedField), ("A: b\rc", .malformedField), ("A: b\nC: d", .bareLineFeed),
        ("A: b\u{7}", .malformedField), ("A:b\r\n c", .foldedField), ("Host: y", .malformedHost),
        ("A: " + String(repeating: "a", count: 200), .headerTooLarge),
        ("A: a\r\nA: a\r\nA: a\r\nA: a\r\nA: a", .tooManyFields),
        ("Content-Length: +1", .malformedContentLength), ("Content-Length: -1", .malformedContentLength),
        ("Content-Length: 0x1", .malformedContentLength), ("Content-Length: 1, 1", .malformedContentLength),
        ("Content-Length:", .malformedContentLength), ("Content-Length: 1 2", .malformedContentLength),
        ("Content-Length: 1\r\nContent-Length: 1", .malformedContentLength),
        ("Content-Length: 9223372036854775808", .contentLengthTooLarge),
        ("Transfer-Encoding: chunked\r\nContent-Length: 1", .lengthBesideCoding),
        ("Content-Length: 1\r\nTransfer-Encoding: identity", .lengthBesideCoding),
        ("Transfer-Encoding: chunked, chunked", .malformedTransferEncoding),
        ("Transfer-Encoding: chunked, gzip", .malformedTransferEncoding),
        ("Transfer-Encoding: \"chunked\"", .malformedTransferEncoding),
        ("Transfer-Encoding: ,chunked", .malformedTransferEncoding),
        ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .malformedTransferEncoding),
        ("Transfer-Encoding: gzip, chunked", .unsupportedCoding), ("Transfer-Encoding: xchunked", .unsupportedCoding),
    ]) func `refuses a field`(_ field: String, _ error: HTTPParseError) {
        #expect(throws: error) { try request("GET / HTTP/1.1\r\nHost: x\r\n" + field + "\r\n\r\n") }
    }

    @Test(arguments: ["a b", "a/b", "u@a", "a:b", "[::1", "a, b", "a:1:2", "[]", "[x]", "a:123456"])
    func `refuses a Host`(_ host: String) {
        #expect(throws: HTTPParseError.malformedHost) { try request("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") }
    }

    @Test(arguments: ["a", "a:80", "a.b-c_d", "[::1]", "[::1]:80", "", "127.0.0.1:8080"])
    func `takes a Host`(_ host: String) throws {
        #expect(try request("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n").headers["host"] == host)
    }

    @Test func `asks for a Host in HTTP 1.1 only`() throws {
        #expect(throws: HTTPParseError.missingHost) { try request("GET / HTTP/1.1\r\n\r\n") }
        #expect(throws: HTTPParseError.missingHost) { try request("GET http://x/ HTTP/1.1\r\n\r\n") }
        #expect(try request("GET / HTTP/1.0\r\n\r\n").version == .http10)
    }

    @Test func `takes the absolute form, whose host counts`() throws {
        let head = try request("GET http://y:81/a?b=c HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(head.target.path == "/a")
        #expect(head.target.value("b") == "c")
        #expect(head.headers.all("host") == ["y:81"])
        #expect(try request("GET http://y HTTP/1.1\r\nHost: x\r\n\r\n").target.path == "/")
        #expect(try request("GET http://y?a=b HTTP/1.1\r\nHost: x\r\n\r\n").target.value("a") == "b")
    }

    @Test func `knows whether the client goes on`() throws {
        #expect(try !request("GET / HTTP/1.1\r\nHost: x\r\nConnection: foo, Close\r\n\r\n").keepsAlive)
        #expect(try !request("GET / HTTP/1.0\r\n\r\n").keepsAlive)
        #expect(try request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keepsAlive)
        #expect(try request("GET / HTTP/1.2\r\nHost: x\r\n\r\n").keepsAlive)
    }

    @Test func `ignores empty lines before a request, not for ever`() throws {
        #expect(try request("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n").method == .get)
        #expect(throws: HTTPParseError.malformedStartLine) {
            try request(String(repeating: "\r\n", count: 60) + "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        }
    }

    @Test func `refuses what never ends while it arrives`() {
        #expect(throws: HTTPParseError.startLineTooLong) { try head("GET /" + String(repeating: "a", count: 200)) }
        #expect(throws: HTTPParseError.headerTooLarge) {
            try head("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 300))
        }
        // The first byte of a TLS handshake, even where a line end comes with it.
        #expect(throws: HTTPParseError.malformedStartLine) { try head("\u{16}\u{3}\u{1}") }
        #expect(throws: HTTPParseError.malformedStartLine) { try head("\u{16}\u{3}\u{1}\n") }
        // Too long, whether or not a wrong end arrives with it.
        #expect(throws: HTTPParseError.startLineTooLong) {
            try head("GET /" + String(repeating: "a", count: 200) + "\n")
        }
        #expect(throws: HTTPParseError.headerTooLarge) {
            try head("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 300) + "\n")
        }
    }

    @Test func `leaves what follows the head in the buffer`() throws {
        var parser = HTTPHeadParser(.request, limits: Self.limits)
        var buffer = ReadBuffer()
        buffer.append(Array("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        #expect(try parser.parse(&buffer)?.startLine == .request(method: "GET", target: "/1", .http11))
        #expect(try parser.parse(&buffer)?.startLine == .request(method: "GET", target: "/2", .http11))
        #expect(try parser.parse(&buffer) == nil)
        #expect(buffer.isEmpty)
    }

    @Test func `has an answer to every error`() {
        #expect(HTTPParseError.startLineTooLong.refusal.status == .uriTooLong)
        #expect(HTTPParseError.headerTooLarge.refusal.status == .headerFieldsTooLarge)
        #expect(HTTPParseError.contentLengthTooLarge.refusal.status == .contentTooLarge)
        #expect(HTTPParseError.unsupportedCoding.refusal.status == .notImplemented)
        #expect(HTTPParseError.unsupportedVersion.refusal.status == .versionNotSupported)
        #expect(HTTPParseError.bareLineFeed.refusal.status == .badRequest)
    }
}

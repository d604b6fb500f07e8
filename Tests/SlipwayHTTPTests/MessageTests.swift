import SlipwayHTTP
import Testing

@Suite struct MessageTests {
    @Test func `writes and reads dates as HTTP does`() {
        #expect(HTTPDate.format(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.format(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == 784_111_777)
        for text in [
            "", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Now 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
            "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37",
            "Sun Nov 6 08:49:37 1994", "Sun Nov 06  08:49:37 1994", "Sun Nov  6 08:49:37 94",
            "Sunday Nov  6 08:49:37 1994",
        ] { #expect(HTTPDate.parse(text) == nil, "\(text)") }
    }

    @Test func `reads the two obsolete forms of a date`() {
        #expect(HTTPDate.parse("Sunday, 06-Nov-94 08:49:37 GMT") == 784_111_777)
        #expect(HTTPDate.parse("Sun Nov  6 08:49:37 1994") == 784_111_777)
        #expect(HTTPDate.parse("Wed Nov 16 08:49:37 1994") == 784_975_777)
        // By the clock of 2026: 76 is 50 years ahead, 77 would be more.
        let now = 1_795_000_000
        #expect(
            HTTPDate.parse("Sunday, 01-Nov-76 00:00:00 GMT", now: now).map(HTTPDate.format)?.contains("2076") == true)
        #expect(
            HTTPDate.parse("Sunday, 01-Nov-77 00:00:00 GMT", now: now).map(HTTPDate.format)?.contains("1977") == true)
    }

    @Test func `finds, replaces and removes header fields whatever their case`() {
        var headers: HTTPHeaders = ["Content-Type": "text/plain", "X-A": "1"]
        headers.add("x-a", "2")
        #expect(headers["content-type"] == "text/plain")
        #expect(headers.all("X-A") == ["1", "2"])
        headers["x-A"] = "3"
        #expect(headers.all("X-A") == ["3"])
        headers["Content-Type"] = nil
        #expect(headers.map(\.name) == ["x-A"])
        #expect(!headers.contains("Content-Type"))
        // Letters differ by one bit in their case; other characters that do are still different.
        #expect(HTTPHeaders(dictionaryLiteral: ("X-@", "1"))["X-`"] == nil)
    }

    @Test func `splits lists`() {
        var headers: HTTPHeaders = ["Vary": "Accept,  Cookie\t,"]
        headers.add("vary", "Origin")
        #expect(headers.list("Vary") == ["Accept", "Cookie", "", "Origin"])
        #expect(headers.list("Nothing").isEmpty)
    }

    @Test(arguments: [
        ("/", "/"), ("/a/b", "/a/b"), ("/a//b", "/a//b"), ("/a/./b", "/a/b"), ("/a/../b", "/b"), ("/%61", "/a"),
        ("/a+b", "/a+b"), ("/%E2%82%AC", "/€"), ("/a?b", "/a"), ("//a", "//a"),
    ]) func `decodes the path of a target`(_ raw: String, _ path: String) {
        #expect(HTTPTarget(raw)?.path == path)
    }

    @Test(arguments: [
        "", "a", "*", "/..", "/%2e%2e/a", "/a/../..", "/%", "/%4", "/%00", "/%2F", "/%ff", "/a?b=%x", "/..%2F%CC%81a",
    ])
    func `refuses the target`(_ raw: String) {
        #expect(HTTPTarget(raw) == nil)
    }

    @Test func `decodes a query`() throws {
        let target = try #require(HTTPTarget("/?a=1&b=x+y&a=2&c&d=%26"))
        #expect(target.value("a") == "1")
        #expect(target.value("b") == "x y")
        #expect(target.value("c") == "")
        #expect(target.value("d") == "&")
        #expect(target.value("e") == nil)
        #expect(target.query.count == 5)
    }

    @Test func `divides a form at every ampersand, whatever stands after it`() {
        // With a combining accent after it, it would be another Character.
        let items = PercentCoding.decodeForm("a=1&\u{301}b=\u{301}2")
        #expect(items?.map(\.name) == ["a", "\u{301}b"])
        #expect(items?.map(\.value) == ["1", "\u{301}2"])
    }

    @Test func `a value has one JSON text`() throws {
        let names = (0..<20).map { "field\($0 + 10)" }
        let text = String(
            decoding: try JSONText.encode(Dictionary(uniqueKeysWithValues: names.map { ($0, "a/b") })), as: UTF8.self)
        #expect(text == "{" + names.map { "\"\($0)\":\"a/b\"" }.joined(separator: ",") + "}")
    }
}

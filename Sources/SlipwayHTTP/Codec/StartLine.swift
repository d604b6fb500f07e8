/// The first line of a message (RFC 9112, sections 3 and 4).
enum StartLine: Equatable {
    case request(method: String, target: String, HTTPVersion)
    case status(code: Int, HTTPVersion)

    /// Which kind a parser waits for.
    enum Kind { case request, status }

    static func parse(_ line: UnsafeRawBufferPointer, as kind: Kind) throws(HTTPParseError) -> StartLine {
        switch kind {
        case .request: try request(line)
        case .status: try status(line)
        }
    }

    /// Exactly two spaces; guessing what a client meant by other ones is how two servers come to differ.
    private static func request(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) -> StartLine {
        var methodEnd = 0
        while methodEnd < line.count, line[methodEnd].isTokenCharacter { methodEnd += 1 }
        guard methodEnd > 0, methodEnd < line.count, line[methodEnd] == 0x20 else { throw .malformedStartLine }
        var targetEnd = methodEnd + 1
        // Visible ASCII only: anything else would have had to be escaped (RFC 3986, section 2).
        while targetEnd < line.count, (0x21...0x7E).contains(line[targetEnd]) { targetEnd += 1 }
        guard targetEnd > methodEnd + 1, targetEnd < line.count, line[targetEnd] == 0x20 else {
            throw .malformedStartLine
        }
        let version = try version(UnsafeRawBufferPointer(rebasing: line[(targetEnd + 1)...]))
        return .request(
            method: String(decoding: line[..<methodEnd], as: UTF8.self),
            target: String(decoding: line[(methodEnd + 1)..<targetEnd], as: UTF8.self), version)
    }

    private static func status(_ line: UnsafeRawBufferPointer) throws(HTTPParseError) -> StartLine {
        // The space after the code may be missing with the reason: some servers do that, and nothing depends on it.
        guard line.count >= 12, line[8] == 0x20, line.count == 12 || line[12] == 0x20 else { throw .malformedStartLine }
        let version = try version(UnsafeRawBufferPointer(rebasing: line[..<8]))
        var code = 0
        for byte in line[9..<12] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { throw .malformedStartLine }
            code = code * 10 + Int(byte - UInt8(ascii: "0"))
        }
        guard (100...599).contains(code) else { throw .malformedStartLine }
        return .status(code: code, version)
    }

    private static func version(_ text: UnsafeRawBufferPointer) throws(HTTPParseError) -> HTTPVersion {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard text.count == 8, text.prefix(5).elementsEqual("HTTP/".utf8), digits.contains(text[5]),
            text[6] == UInt8(ascii: "."), digits.contains(text[7])
        else { throw .malformedStartLine }
        guard text[5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        return text[7] == UInt8(ascii: "0") ? .http10 : .http11
    }
}

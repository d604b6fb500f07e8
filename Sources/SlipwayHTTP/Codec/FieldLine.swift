/// One line of a header or trailer section (RFC 9112, section 5).
enum FieldLine {
    /// Checks the line and adds it.
    static func parse(_ line: UnsafeRawBufferPointer, into headers: inout HTTPHeaders) throws(HTTPParseError) {
        guard let first = line.first else { throw .malformedField }
        // Folding is obsolete, and was a way to hide fields from proxies (RFC 9112, section 5.2).
        guard first != 0x20, first != 0x09 else { throw .foldedField }
        var colon = 0
        while colon < line.count, line[colon].isTokenCharacter { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else { throw .malformedField }
        var start = colon + 1
        var end = line.count
        while start < end, line[start] == 0x20 || line[start] == 0x09 { start += 1 }
        while end > start, line[end - 1] == 0x20 || line[end - 1] == 0x09 { end -= 1 }
        for byte in line[start..<end] where byte < 0x20 && byte != 0x09 || byte == 0x7F { throw .malformedField }
        headers.add(
            name: UnsafeRawBufferPointer(rebasing: line[..<colon]),
            value: UnsafeRawBufferPointer(rebasing: line[start..<end]))
    }
}

extension UInt8 {
    /// RFC 9110, section 5.6.2: of field names and methods.
    var isTokenCharacter: Bool { Self.tokenCharacters[Int(self)] }

    private static let tokenCharacters: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "!#$%&'*+-.^_`|~0123456789".utf8 { table[Int(byte)] = true }
        for byte in UInt8(ascii: "a")...UInt8(ascii: "z") {
            table[Int(byte)] = true
            table[Int(byte) - 32] = true
        }
        return table
    }()
}

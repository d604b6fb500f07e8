/// The escape sequences that a log keeps: colours and weights of text (SGR, ECMA-48, 8.3.117) that leave it readable.
///
/// What hides text (8), blinks (5, 6) or changes the font goes.
enum StyleSequence {
    /// - Parameter sequence: from the escape to its final byte.
    /// - Returns: what stays of it; empty: nothing.
    static func kept(of sequence: ArraySlice<UInt8>) -> [UInt8] {
        guard sequence.count >= 3, sequence[sequence.startIndex + 1] == UInt8(ascii: "["),
            sequence.last == UInt8(ascii: "m")
        else { return [] }
        let parameters = sequence.dropFirst(2).dropLast()
        guard parameters.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: ";")).contains($0) }) else { return [] }
        if parameters.isEmpty { return Array(sequence) }
        let fields = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        var kept: [ArraySlice<UInt8>] = []
        var index = 0
        while index < fields.count {
            let field = fields[index]
            let code = number(field.prefix { $0 != UInt8(ascii: ":") })
            guard code == 38 || code == 48 else {
                if isKept(code) { kept.append(field) }
                index += 1
                continue
            }
            // `38:5:1` is one field, `38;5;1` are three, `38;2;r;g;b` five.
            let kind = index + 1 < fields.count ? number(fields[index + 1]) : 0
            let length = field.contains(UInt8(ascii: ":")) ? 1 : kind == 5 ? 3 : kind == 2 ? 5 : nil
            guard let length, index + length <= fields.count else { break }
            kept += fields[index..<index + length]
            index += length
        }
        guard !kept.isEmpty else { return [] }
        return [0x1B, UInt8(ascii: "[")] + kept.joined(separator: [UInt8(ascii: ";")]) + [UInt8(ascii: "m")]
    }

    static let reset = Array("\u{1B}[0m".utf8)

    /// Whether a line leaves a style open, as far as its last sequence tells.
    static func isOpen(atEndOf line: ArraySlice<UInt8>) -> Bool {
        guard let start = line.lastIndex(of: 0x1B), let end = line[start...].firstIndex(of: UInt8(ascii: "m")) else {
            return false
        }
        return !line[start..<end].dropFirst(2).allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ";") }
    }

    private static func isKept(_ code: Int) -> Bool {
        switch code {
        case 0...4, 7, 9, 21...24, 27, 29, 30...37, 39, 40...47, 49, 90...97, 100...107: true
        default: false
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self)) ?? -1
    }
}

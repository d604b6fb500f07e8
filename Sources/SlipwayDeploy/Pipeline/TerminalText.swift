/// What a program wrote for a terminal, as a log keeps it.
package enum TerminalText {
    /// One line without the controls that move a cursor, set a title or ring a bell; of all escape sequences only
    /// colours (SGR, ECMA-48 section 8.3.117) stay. Of a line drawn several times over itself by carriage returns
    /// the last drawing stays. What is not UTF-8 is repaired: some terminals take a stray 0x9B for an escape.
    package static func clean(_ line: [UInt8]) -> [UInt8] {
        let drawings = line.split(separator: return_, omittingEmptySubsequences: true)
        guard let last = drawings.last else { return [] }
        var text: [UInt8] = []
        text.reserveCapacity(last.count)
        var index = last.startIndex
        var isASCII = true
        while index < last.endIndex {
            let byte = last[index]
            switch byte {
            case escape:
                let end = endOfEscape(at: index, in: last)
                if isColour(last[index..<end]) { text += last[index..<end] }
                index = end
                continue
            case UInt8(ascii: "\t"): text.append(byte)
            case 0..<0x20, 0x7F: break
            case 0x80...: isASCII = false; text.append(byte)
            default: text.append(byte)
            }
            index += 1
        }
        return isASCII ? text : repaired(text)
    }

    private static let escape: UInt8 = 0x1B
    private static let return_ = UInt8(ascii: "\r")

    /// The index after the escape sequence that begins here; the line's end when it is cut off.
    private static func endOfEscape(at start: Int, in line: ArraySlice<UInt8>) -> Int {
        var index = start + 1
        guard index < line.endIndex else { return index }
        switch line[index] {
        case UInt8(ascii: "["):
            index += 1
            while index < line.endIndex, (0x20...0x3F).contains(line[index]) { index += 1 }
            return min(index + 1, line.endIndex)
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            // A string: to BEL, or to ESC \.
            while index < line.endIndex {
                if line[index] == 0x07 { return index + 1 }
                if line[index] == escape { return min(index + 2, line.endIndex) }
                index += 1
            }
            return index
        default:
            while index < line.endIndex, (0x20...0x2F).contains(line[index]) { index += 1 }
            return min(index + 1, line.endIndex)
        }
    }

    private static func isColour(_ sequence: ArraySlice<UInt8>) -> Bool {
        guard sequence.count >= 3, sequence[sequence.startIndex + 1] == UInt8(ascii: "["),
            sequence.last == UInt8(ascii: "m")
        else { return false }
        return sequence.dropFirst(2).dropLast().allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: ";")).contains($0)
        }
    }

    /// Valid UTF-8 without the C1 controls.
    private static func repaired(_ text: [UInt8]) -> [UInt8] {
        var clean = String.UnicodeScalarView()
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars where !(0x80...0x9F).contains(scalar.value) {
            clean.append(scalar)
        }
        return Array(String(clean).utf8)
    }
}

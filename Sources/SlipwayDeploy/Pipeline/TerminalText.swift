import SlipwayBase

/// What a program wrote for a terminal, as a log keeps it.
package enum TerminalText {
    /// One line without the controls that move a cursor, set a title or ring a bell, and without characters that take
    /// no room or turn the text around them; of all escape sequences only those of `StyleSequence` stay. Of a line drawn
    /// several times over itself by carriage returns the last drawing stays. What is not UTF-8 is repaired: some
    /// terminals take a stray 0x9B for an escape.
    package static func clean(_ line: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        clean(Array(line)[...], into: &text)
        return text
    }

    static func clean(_ line: ArraySlice<UInt8>, into text: inout [UInt8]) {
        guard !isPlain(line) else {
            text += line
            return
        }
        guard let last = line.split(separator: return_, omittingEmptySubsequences: true).last else { return }
        var drawn: [UInt8] = []
        drawn.reserveCapacity(last.count)
        var index = last.startIndex
        var isASCII = true
        while index < last.endIndex {
            let byte = last[index]
            switch byte {
            case escape:
                let end = endOfEscape(at: index, in: last) ?? last.endIndex
                drawn += StyleSequence(last[index..<end])?.kept ?? []
                index = end
                continue
            case UInt8(ascii: "\t"): drawn.append(byte)
            case 0..<0x20, 0x7F: break
            case 0x80...: isASCII = false; drawn.append(byte)
            default: drawn.append(byte)
            }
            index += 1
        }
        text += isASCII ? drawn : repaired(drawn)
    }

    /// A line that was cleaned, without its colours.
    static func plain(_ line: ArraySlice<UInt8>) -> String {
        guard line.firstIndex(ofByte: escape) != nil else { return String(decoding: line, as: UTF8.self) }
        var text: [UInt8] = []
        var index = line.startIndex
        while index < line.endIndex {
            if line[index] == escape {
                index = endOfEscape(at: index, in: line) ?? line.endIndex
            } else {
                text.append(line[index])
                index += 1
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// As much of an unfinished line as does not end within an escape sequence or a character.
    static func whole(_ line: [UInt8]) -> ArraySlice<UInt8> {
        var end = line.count
        if let start = line.suffix(longestEscape).lastIndex(of: escape), endOfEscape(at: start, in: line[...]) == nil {
            end = start
        }
        let text = line[..<end]
        guard let start = text.suffix(4).lastIndex(where: { $0 & 0xC0 != 0x80 }), text[start] >= 0xC0 else {
            return text
        }
        let width = text[start] >= 0xF0 ? 4 : text[start] >= 0xE0 ? 3 : 2
        return text.count - start < width ? text[..<start] : text
    }

    private static let escape: UInt8 = 0x1B
    private static let return_ = UInt8(ascii: "\r")
    private static let longestEscape = 1024

    /// Nearly every line of nearly every log is.
    private static func isPlain(_ line: ArraySlice<UInt8>) -> Bool {
        line.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return true }
            var index = 0
            while index < buffer.count {
                let byte = base[index]
                if byte &- 0x20 > 0x5E, byte != 0x09 { return false }
                index += 1
            }
            return true
        }
    }

    /// The index after the escape sequence that begins here; nil when it is cut off.
    private static func endOfEscape(at start: Int, in line: ArraySlice<UInt8>) -> Int? {
        var index = start + 1
        guard index < line.endIndex else { return nil }
        switch line[index] {
        case UInt8(ascii: "["):
            index += 1
            while index < line.endIndex, (0x20...0x3F).contains(line[index]) { index += 1 }
            return index < line.endIndex ? index + 1 : nil
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "X"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            // A string: to BEL, or to ESC \.
            while index < line.endIndex {
                if line[index] == 0x07 { return index + 1 }
                if line[index] == escape { return index + 1 < line.endIndex ? index + 2 : nil }
                index += 1
            }
            return nil
        default:
            while index < line.endIndex, (0x20...0x2F).contains(line[index]) { index += 1 }
            return index < line.endIndex ? index + 1 : nil
        }
    }

    /// Valid UTF-8 of what a reader sees.
    private static func repaired(_ text: [UInt8]) -> [UInt8] {
        var clean = String.UnicodeScalarView()
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars where !scalar.isUnseen {
            clean.append(scalar)
        }
        return Array(String(clean).utf8)
    }
}

import SlipwayBase

/// What makes a line of output one that can stand beside Slipway's own.
enum OutputLines {
    private static let newline = UInt8(ascii: "\n")

    /// Adds a line as a terminal would show it, in several where it is too long for one.
    static func add(_ line: ArraySlice<UInt8>, to lines: inout [UInt8]) {
        let start = lines.count
        TerminalText.clean(line, into: &lines)
        if lines.count - start > StepLog.longestLine {
            var rest = Array(lines[start...])
            lines.removeLast(rest.count)
            while rest.count > StepLog.longestLine { cut(from: &rest, into: &lines) }
            lines += rest
        }
        lines.append(newline)
    }

    /// Moves a line's beginning into a line of its own.
    static func cut(from line: inout [UInt8], into lines: inout [UInt8]) {
        let whole = TerminalText.whole(Array(line.prefix(StepLog.longestLine)))
        let count = whole.isEmpty ? StepLog.longestLine : whole.count
        lines += line.prefix(count) + [newline]
        line.removeFirst(count)
    }

    /// Lines whose style ends with them, none of which passes for Slipway's own.
    static func closed(_ lines: [UInt8]) -> [UInt8] {
        var closed: [UInt8] = []
        closed.reserveCapacity(lines.count)
        let hasStyles = lines[...].firstIndex(ofByte: 0x1B) != nil
        var rest = lines[...]
        while let end = rest.firstIndex(ofByte: newline) {
            let line = rest[..<end]
            if passesForOurs(line) { closed += quote }
            closed += line
            if hasStyles, StyleSequence.isOpen(atEndOf: line) { closed += StyleSequence.reset }
            closed.append(newline)
            rest = rest[(end + 1)...]
        }
        return closed
    }

    /// An unfinished line, which is closed by whoever shows it.
    static func marked(_ line: [UInt8]) -> [UInt8] { passesForOurs(line[...]) ? quote + line : line }

    private static let quote = Array("| ".utf8)
    private static let ours = Array("slipway:".utf8)

    /// Whether a person would take the line for one of ours: without blanks and colours, in either case.
    private static func passesForOurs(_ line: ArraySlice<UInt8>) -> Bool {
        var index = line.startIndex
        var seen = 0
        while index < line.endIndex {
            let byte = line[index]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"): index += 1
            case 0x1B: index = (line[index...].firstIndex(of: UInt8(ascii: "m")) ?? line.endIndex - 1) + 1
            case 0x80...:
                guard let scalar = Unicode.Scalar(startOf: line[index...]), scalar.isBlank else { return false }
                index += UTF8.width(scalar)
            default:
                guard byte | 0x20 == ours[seen] else { return false }
                index += 1
                seen += 1
                if seen == ours.count { return true }
            }
        }
        return false
    }
}

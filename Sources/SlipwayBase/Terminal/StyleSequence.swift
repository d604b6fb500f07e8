/// An escape sequence that styles text (SGR, ECMA-48, 8.3.117): what a log keeps of it, and what a page makes of it.
///
/// What hides text (8), blinks (5, 6) or changes the font is left out, because it makes a log unreadable.
package struct StyleSequence: Sendable {
    /// What one parameter asks for.
    package enum Change: Sendable, Hashable {
        case reset
        case bold, faint, italic, underlined
        /// Ends bold and faint, which share one parameter.
        case plainWeight
        case notItalic, notUnderlined
        case foreground(Colour)
        case background(Colour)
        /// Inverse, struck out and their ends: terminals show them, and pages have no class for them.
        case other
    }

    package enum Colour: Sendable, Hashable {
        case standard
        /// The number in the palette of 256, of which the first 16 are a terminal's own.
        case palette(Int)
        case rgb
    }

    private let parts: [(change: Change, text: ArraySlice<UInt8>)]

    package var changes: [Change] { parts.map(\.change) }

    /// - Parameter sequence: from the escape to its final byte.
    /// - Returns: nil for a sequence that styles nothing.
    package init?(_ sequence: ArraySlice<UInt8>) {
        guard sequence.count >= 3, sequence[sequence.startIndex + 1] == UInt8(ascii: "["),
            sequence.last == UInt8(ascii: "m")
        else { return nil }
        let parameters = sequence.dropFirst(2).dropLast()
        guard parameters.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: ";")).contains($0) }) else { return nil }
        let fields = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
        var parts: [(Change, ArraySlice<UInt8>)] = []
        var index = 0
        while index < fields.count {
            let field = fields[index]
            let numbers = field.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map(Self.number)
            guard numbers[0] == 38 || numbers[0] == 48 else {
                if let change = Self.change(numbers) { parts.append((change, field)) }
                index += 1
                continue
            }
            // `38:5:1` is one field, `38;5;1` are three, `38;2;r;g;b` five.
            let colour = numbers.count > 1 ? Array(numbers.dropFirst()) : fields[(index + 1)...].map(Self.number)
            let length = numbers.count > 1 ? 1 : colour.first == 5 ? 3 : colour.first == 2 ? 5 : nil
            guard let length, index + length <= fields.count else { break }
            let meant: Colour = colour.first == 5 && colour.count > 1 ? .palette(colour[1]) : .rgb
            let text = fields[index].startIndex..<fields[index + length - 1].endIndex
            parts.append((numbers[0] == 38 ? .foreground(meant) : .background(meant), sequence[text]))
            index += length
        }
        guard !parts.isEmpty else { return nil }
        self.parts = parts
    }

    /// The sequence, without what it has that is left out.
    package var kept: [UInt8] {
        [0x1B, UInt8(ascii: "[")] + parts.map(\.text).joined(separator: [UInt8(ascii: ";")]) + [UInt8(ascii: "m")]
    }

    package static let reset = Array("\u{1B}[0m".utf8)

    /// Whether a line leaves a style open, as far as its last sequence tells.
    package static func isOpen(atEndOf line: ArraySlice<UInt8>) -> Bool {
        guard let start = line.lastIndex(of: 0x1B), let end = line[start...].firstIndex(of: UInt8(ascii: "m")),
            let last = StyleSequence(line[start...end])
        else { return false }
        return last.changes.last != .reset
    }

    /// - Parameter numbers: a parameter, and what follows it by colons.
    private static func change(_ numbers: [Int]) -> Change? {
        switch numbers[0] {
        case 0: .reset
        case 1: .bold
        case 2: .faint
        case 3: .italic
        // `4:3` is a curly line, `4:0` is none.
        case 4: numbers.dropFirst().first == 0 ? .notUnderlined : .underlined
        case 22: .plainWeight
        case 23: .notItalic
        case 24: .notUnderlined
        case 30...37: .foreground(.palette(numbers[0] - 30))
        case 90...97: .foreground(.palette(numbers[0] - 90 + 8))
        case 39: .foreground(.standard)
        case 40...47: .background(.palette(numbers[0] - 40))
        case 100...107: .background(.palette(numbers[0] - 100 + 8))
        case 49: .background(.standard)
        case 7, 9, 21, 27, 29: .other
        default: nil
        }
    }

    private static func number(_ digits: some Collection<UInt8>) -> Int {
        digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self)) ?? -1
    }
}

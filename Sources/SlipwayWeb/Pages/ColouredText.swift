import SlipwayBase

/// A log's text with its style sequences turned into names of style classes.
struct ColouredText {
    /// Text of one style; the classes are ours, never from the text.
    struct Run: Equatable {
        var classes: String
        var text: String
    }

    private(set) var runs: [Run] = []
    private var style = Style()
    private var pending: [UInt8] = []

    init(_ bytes: [UInt8]) {
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x1B else {
                // Of other controls a log has none left, and what shows a control would not be the log.
                if bytes[index] >= 0x20 || bytes[index] == 0x0A || bytes[index] == 0x09 { pending.append(bytes[index]) }
                index += 1
                continue
            }
            let end = Self.endOfSequence(bytes, from: index + 1)
            if let sequence = StyleSequence(bytes[index..<end]) {
                endRun()
                for change in sequence.changes { style.apply(change) }
            }
            index = end
        }
        endRun()
    }

    private mutating func endRun() {
        guard !pending.isEmpty else { return }
        let text = String(decoding: pending, as: UTF8.self)
        pending = []
        if runs.last?.classes == style.classes {
            runs[runs.count - 1].text += text
        } else {
            runs.append(Run(classes: style.classes, text: text))
        }
    }

    /// Just after a control sequence `[`, parameters, final byte; a lone escape is dropped by itself.
    private static func endOfSequence(_ bytes: [UInt8], from start: Int) -> Int {
        guard start < bytes.count, bytes[start] == UInt8(ascii: "[") else { return start }
        var index = start + 1
        while index < bytes.count, (0x20...0x3F).contains(bytes[index]) { index += 1 }
        return index < bytes.count && (0x40...0x7E).contains(bytes[index]) ? index + 1 : index
    }

    private struct Style {
        private var foreground: Int?
        private var background: Int?
        private var isBold = false
        private var isFaint = false
        private var isItalic = false
        private var isUnderlined = false

        var classes: String {
            var names: [String] = []
            if let foreground { names.append("fg\(foreground)") }
            if let background { names.append("bg\(background)") }
            if isBold { names.append("bold") }
            if isFaint { names.append("faint") }
            if isItalic { names.append("italic") }
            if isUnderlined { names.append("underline") }
            return names.joined(separator: " ")
        }

        mutating func apply(_ change: StyleSequence.Change) {
            switch change {
            case .reset: self = Style()
            case .bold: isBold = true
            case .faint: isFaint = true
            case .italic: isItalic = true
            case .underlined: isUnderlined = true
            case .plainWeight: (isBold, isFaint) = (false, false)
            case .notItalic: isItalic = false
            case .notUnderlined: isUnderlined = false
            case .foreground(let colour): foreground = Self.number(colour)
            case .background(let colour): background = Self.number(colour)
            case .other: break
            }
        }

        /// The stylesheet has the terminal's own 16 colours.
        private static func number(_ colour: StyleSequence.Colour) -> Int? {
            if case .palette(let number) = colour, (0..<16).contains(number) { number } else { nil }
        }
    }
}

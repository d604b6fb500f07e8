/// A log's text with its colour escapes (SGR, ECMA-48, 8.3.117) turned into names of style classes.
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
            if end > index + 2, bytes[index + 1] == UInt8(ascii: "["), bytes[end - 1] == UInt8(ascii: "m") {
                endRun()
                style.apply(bytes[index + 2..<end - 1])
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

        mutating func apply(_ parameters: ArraySlice<UInt8>) {
            let codes = String(decoding: parameters, as: UTF8.self)
                .split(whereSeparator: { $0 == ";" || $0 == ":" }).map { Int($0) ?? 0 }
            var index = 0
            guard !codes.isEmpty else {
                self = Style()
                return
            }
            while index < codes.count {
                switch codes[index] {
                case 0: self = Style()
                case 1: isBold = true
                case 2: isFaint = true
                case 3: isItalic = true
                case 4: isUnderlined = true
                case 22: (isBold, isFaint) = (false, false)
                case 23: isItalic = false
                case 24: isUnderlined = false
                case 30...37: foreground = codes[index] - 30
                case 90...97: foreground = codes[index] - 82
                case 39: foreground = nil
                case 40...47: background = codes[index] - 40
                case 100...107: background = codes[index] - 92
                case 49: background = nil
                case 38, 48:
                    // 5;n of 256 colours, of which the first 16 are these; 2;r;g;b has no class and is skipped.
                    let isForeground = codes[index] == 38
                    let kind = index + 1 < codes.count ? codes[index + 1] : 0
                    if kind == 5, index + 2 < codes.count {
                        let colour = (0..<16).contains(codes[index + 2]) ? codes[index + 2] : nil
                        if isForeground { foreground = colour } else { background = colour }
                    }
                    index += kind == 5 ? 2 : kind == 2 ? 4 : 0
                default: break
                }
                index += 1
            }
        }
    }
}

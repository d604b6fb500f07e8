import SlipwayBase

/// The words of a line of logfmt. Text from outside breaks neither the line nor the next word of it.
enum Logfmt {
    /// Without what would end a key.
    static func key(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : "_" }))
    }

    /// In quotes where it would read as anything but one word, with JSON's escapes inside them.
    /// - Parameter limit: the most Unicode scalars kept of it; a longer text ends in `…`.
    static func value(_ text: String, limit: Int) -> String {
        if !text.isEmpty, text.utf8.count <= limit, text.unicodeScalars.allSatisfy(isPlain) { return text }
        var quoted = "\""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            guard count < limit else {
                quoted += "…"
                break
            }
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            default:
                if scalar.isHiddenOrControl {
                    for unit in UTF16.encode(scalar)! { quoted += escape(unit) }
                } else {
                    quoted.unicodeScalars.append(scalar)
                }
            }
        }
        return quoted + "\""
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.isASCII else { return false }
        return scalar.value > 0x20 && scalar.value != 0x7F && scalar != "\"" && scalar != "=" && scalar != "\\"
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}

extension String {
    /// This text on one line, with every control character and line separator escaped, for logs and lists that a
    /// stranger's text (a commit message, a ref, a user agent) must not be able to break or to colour.
    ///
    /// - Parameter limit: the most Unicode scalars kept of it; a longer text ends in `…`.
    package func singleLine(limit: Int = 500) -> String {
        // Nearly every text is: nothing of it needs a closer look.
        if utf8.count <= limit, utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return self }
        var line = ""
        var kept = 0
        for scalar in unicodeScalars {
            guard kept < limit else { return line + "…" }
            kept += 1
            switch scalar {
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += " "
            default:
                if scalar.isHiddenOrControl {
                    line += "\\u{" + String(scalar.value, radix: 16) + "}"
                } else {
                    line.unicodeScalars.append(scalar)
                }
            }
        }
        return line
    }
}

extension Unicode.Scalar {
    /// Controls, line separators and the bidirectional overrides that make a text read other than it is.
    package var isHiddenOrControl: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: return true
        case .format: return true
        default: return false
        }
    }
}

extension Unicode.Scalar {
    /// Controls beyond ASCII, separators of lines, and characters that draw nothing or only change how others are shown.
    /// The selectors of emoji and what joins them are among them: an emoji of several parts is shown in its parts.
    package var isUnseen: Bool {
        guard value >= 0x80 else { return false }
        if properties.isDefaultIgnorableCodePoint { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }

    /// Takes room and draws nothing.
    package var isBlank: Bool {
        switch value {
        // Of braille, music, Khitan and hieroglyphs; Unicode does not count them as white space.
        case 0x2800, 0x1D159, 0x16FE4, 0x13441, 0x13442: true
        default: properties.isWhitespace
        }
    }

    /// The character that these bytes begin with; nil: none, or not one of UTF-8.
    package init?(startOf bytes: some Collection<UInt8>) {
        var decoder = UTF8()
        var bytes = bytes.prefix(4).makeIterator()
        guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
        self = scalar
    }
}

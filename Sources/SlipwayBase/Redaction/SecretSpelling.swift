import Foundation

/// One way in which programs print a secret: character by character, each in any of its escapes.
///
/// - text: as it is, or escaped for a URL, a form, JSON, HTML or a shell, which may leave out what needs no escape, or
///   escaped once more in the same way; a secret of several lines also line by line;
/// - base64 in either alphabet, wherever it stands in the encoded text (a registry's login is the base64 of `_:key`);
/// - hexadecimal in either case, its bytes apart or not, also as the numbers of a program's source.
struct SecretSpelling: Sendable {
    enum Kind: Sendable {
        case text, base64, hexadecimal
    }

    let kind: Kind
    /// For each character its spellings, none of which is empty.
    private let characters: [[[UInt8]]]

    var count: Int { characters.count }

    static func all(of secret: String, shortest: Int) -> [SecretSpelling] {
        guard secret.utf8.count >= shortest else { return [] }
        let lines = secret.split(whereSeparator: \.isNewline).map(String.init).filter { $0.utf8.count >= shortest }
        var spellings = Set([secret] + lines).map { text in
            SecretSpelling(kind: .text, characters: text.unicodeScalars.map(escapes))
        }
        spellings.append(SecretSpelling(kind: .hexadecimal, characters: secret.utf8.map { hexadecimal([$0]) }))
        for offset in 0..<3 {
            // Three bytes are four characters: those that also hold bits of a neighbour can be anything.
            let bytes = Data(Array(repeating: 0, count: offset) + Array(secret.utf8))
            let own = (offset * 8 + 5) / 6..<bytes.count * 8 / 6
            let code = Array(bytes.base64EncodedString().utf8)[own]
            guard code.count >= shortest else { continue }
            spellings.append(SecretSpelling(kind: .base64, characters: code.map(base64)))
        }
        return spellings
    }

    // MARK: - Finding

    struct Match {
        /// Where the longest one ends that is whole.
        var end: Int?
        /// How many characters were there when the text ended; 0: it differs before that.
        var reached = 0
    }

    func match(at start: Int, in text: Bytes) -> Match {
        var match = Match()
        // More than one only while an escape may also be two characters.
        var places = [start]
        for (number, spellings) in characters.enumerated() {
            var next: [Int] = []
            for place in places {
                let gap = number == 0 ? place : endOfGap(at: place, in: text)
                for from in gap == place ? [place] : [place, gap] {
                    if from >= text.count {
                        match.reached = max(match.reached, number)
                        continue
                    }
                    for spelling in spellings where text.base[from] == spelling[0] {
                        if text.holds(spelling, at: from) {
                            if !next.contains(from + spelling.count) { next.append(from + spelling.count) }
                        } else if from + spelling.count > text.count, text.ends(with: spelling, from: from) {
                            match.reached = max(match.reached, number, 1)
                        }
                    }
                }
            }
            guard !next.isEmpty else { return match }
            places = next
        }
        match.end = places.max()
        return match
    }

    /// The pairs of bytes that a match may begin with.
    var beginnings: [(UInt8, UInt8)] {
        var pairs: [(UInt8, UInt8)] = []
        for first in characters[0] {
            if first.count > 1 {
                pairs.append((first[0], first[1]))
            } else {
                let seconds = Set((characters.dropFirst().first ?? []).map { $0[0] }).union(Self.gapStarts(kind))
                pairs += seconds.map { (first[0], $0) }
            }
        }
        return pairs
    }

    private static func gapStarts(_ kind: Kind) -> Set<UInt8> {
        // What is not seen may begin with any byte that a character beyond ASCII begins with.
        var starts = Set<UInt8>(0...0x1F).union(0x7F...0xFF)
        if kind != .text { starts.insert(UInt8(ascii: "\\")) }
        return starts
    }

    /// Between the bytes of a dump.
    private static let separators = Set(" ,;:-%".utf8)

    /// Past what may stand between two characters of a secret without a reader taking it for a part of it.
    private func endOfGap(at start: Int, in text: Bytes) -> Int {
        var index = start
        while index < text.count {
            let byte = text.base[index]
            switch byte {
            case 0x1B: index = text.endOfEscape(at: index)
            case UInt8(ascii: "\n"): index = Self.endOfIndent(at: index + 1, in: text)
            case 0..<0x20, 0x7F: index += 1
            case 0x80...:
                guard let width = text.widthOfInvisible(at: index) else { return index }
                index += width
            case UInt8(ascii: "\\") where kind != .text:
                // A line's end within JSON, or what C puts before each byte.
                guard index + 1 < text.count else { return text.count }
                let next = text.base[index + 1]
                guard next == UInt8(ascii: "n") || next == UInt8(ascii: "r") || next == UInt8(ascii: "x") else {
                    return index
                }
                index += 2
            case UInt8(ascii: "0") where kind == .hexadecimal:
                // What a number of a program's source begins with.
                guard index + 1 < text.count else { return text.count }
                guard text.base[index + 1] | 0x20 == UInt8(ascii: "x") else { return index }
                index += 2
            default:
                guard kind == .hexadecimal, Self.separators.contains(byte) else { return index }
                index += 1
            }
        }
        return index
    }

    /// What stands before a line that goes on: its indent, or the number and the time that BuildKit puts there.
    private static func endOfIndent(at start: Int, in text: Bytes) -> Int {
        var index = start
        func skip(_ isMeant: (UInt8) -> Bool) -> Bool {
            let before = index
            while index < text.count, index - before < 64, isMeant(text.base[index]) { index += 1 }
            return index > before
        }
        _ = skip { $0 == 0x20 || $0 == 0x09 }
        let indent = index
        guard index < text.count, text.base[index] == UInt8(ascii: "#") else { return indent }
        index += 1
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard skip(isDigit), skip({ $0 == 0x20 }), skip({ isDigit($0) || $0 == UInt8(ascii: ".") }),
            skip({ $0 == 0x20 })
        else { return index == text.count ? index : indent }
        return index
    }

    // MARK: - Spellings of a character

    private static func base64(_ character: UInt8) -> [[UInt8]] {
        switch character {
        case UInt8(ascii: "+"): escapes("+") + [Array("-".utf8)]
        case UInt8(ascii: "/"): escapes("/") + [Array("_".utf8)]
        default: [[character]]
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>, _ prefix: String = "") -> [[UInt8]] {
        let spelled = bytes.map { byte in (UInt8.hex(byte, "0123456789abcdef"), UInt8.hex(byte, "0123456789ABCDEF")) }
        let lower = spelled.flatMap { prefix.utf8 + $0.0 }
        let upper = spelled.flatMap { prefix.utf8 + $0.1 }
        return lower == upper ? [lower] : [lower, upper]
    }

    private static func escapes(_ scalar: Unicode.Scalar) -> [[UInt8]] {
        let raw = Array(String(scalar).utf8)
        // No encoder escapes these.
        let isPlain = scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        if raw.count == 1, isPlain || "-._~".unicodeScalars.contains(scalar) { return [raw] }
        var texts: [String] = []
        if let own = ownEscapes[scalar] { texts += own }
        let code = String(scalar.value, radix: 16)
        texts += padded("\(scalar.value)").map { "&#\($0);" }
        for digits in padded(code) + padded(code.uppercased()) { texts += ["&#x\(digits);", "&#X\(digits);"] }
        // JSON's are of UTF-16.
        let units = Array(String(scalar).utf16).map { unit in
            String(repeating: "0", count: 4 - String(unit, radix: 16).count) + String(unit, radix: 16)
        }
        texts += [units.map { #"\u"# + $0 }.joined(), units.map { #"\u"# + $0.uppercased() }.joined()]
        texts += ["%", #"\x"#].flatMap { hexadecimal(raw, $0) }.map { String(decoding: $0, as: UTF8.self) }
        let spelled = Set((texts + texts.map(escapedAgain)).map { Array($0.utf8) })
        return [raw] + spelled.subtracting([raw])
    }

    /// What a program makes of an escape that it takes for text.
    private static func escapedAgain(_ escape: String) -> String {
        switch escape.first {
        case "%": escape.replacing("%", with: "%25")
        case "+": "%2B"
        case "&": escape.replacing("&", with: "&amp;")
        default: escape.replacing("\\", with: #"\\"#).replacing("\"", with: #"\""#)
        }
    }

    /// With as many zeros before it as anybody writes.
    private static func padded(_ digits: String) -> [String] {
        (0...max(0, 8 - digits.count)).map { String(repeating: "0", count: $0) + digits }
    }

    private static let ownEscapes: [Unicode.Scalar: [String]] = [
        " ": ["+", #"\ "#], "\"": [#"\""#, "&quot;"], "\\": [#"\\"#], "/": [#"\/"#], "&": ["&amp;", #"\&"#],
        "<": ["&lt;", #"\<"#], ">": ["&gt;", #"\>"#], "'": [#"\'"#, "&apos;", #"'\''"#],
        "\n": [#"\n"#, "\r\n", #"\r\n"#],
        "\r": [#"\r"#], "\t": [#"\t"#], "$": [#"\$"#, "$$"], "`": [#"\`"#], "#": [#"\#"#], "!": [#"\!"#],
    ]
}

extension UInt8 {
    fileprivate static func hex(_ byte: UInt8, _ digits: String) -> [UInt8] {
        let digits = Array(digits.utf8)
        return [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
}

extension Bytes {
    /// Whether the text ends in the beginning of this.
    fileprivate func ends(with text: [UInt8], from index: Int) -> Bool {
        for offset in 0..<count - index where base[index + offset] != text[offset] { return false }
        return true
    }

    /// Bytes of a character that is not seen.
    func widthOfInvisible(at index: Int) -> Int? {
        let rest = UnsafeBufferPointer(start: base + index, count: count - index)
        guard let scalar = Unicode.Scalar(startOf: rest), scalar.isUnseen else { return nil }
        return UTF8.width(scalar)
    }
}

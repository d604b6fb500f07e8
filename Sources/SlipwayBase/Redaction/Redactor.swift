/// Takes secrets out of text as a reader would see it.
///
/// A secret is hidden in the spellings that `SecretSpelling` lists, even if colours, characters without width or a
/// line's end stand inside it. Two things are hidden that nobody configured: the password in a URL, and the URLs of a
/// platform that are keys by themselves. Values under `shortest` bytes are left alone: they would blot out innocent text.
///
/// The text is gone through once; only where two bytes in a row may begin a secret is more looked at.
package struct Redactor: Sendable {
    package static let mark = "[REDACTED]"
    package static let shortest = 8

    private var secrets: Set<String> = []
    private var spellings: [SecretSpelling] = []
    /// The spellings that may begin with a byte.
    private var byFirstByte = [[Int]](repeating: [], count: 256)
    /// Not 0 for each pair of bytes that something to be hidden may begin with.
    private var pairs = [UInt8](repeating: 0, count: 65_536)

    package init(secrets: [Secret]) {
        for (first, second) in Self.urlPairs { pairs[Self.pair(first, second)] = 1 }
        for secret in secrets { hide(secret) }
    }

    /// Hides one more secret from now on: a URL that is itself a key, learned during a job.
    package mutating func hide(_ secret: Secret) {
        guard secrets.insert(secret.revealed).inserted else { return }
        for spelling in SecretSpelling.all(of: secret.revealed, shortest: Self.shortest) {
            for (first, second) in spelling.beginnings { pairs[Self.pair(first, second)] = 1 }
            for first in Set(spelling.beginnings.map(\.0)) { byFirstByte[Int(first)].append(spellings.count) }
            spellings.append(spelling)
        }
    }

    /// - Parameter text: whole: of a secret whose end is not in it a beginning is hidden that is long enough to tell.
    package func redact(_ text: [UInt8]) -> [UInt8] { scan(text, .whole).clean }

    package func redact(_ text: String) -> String {
        String(decoding: redact(Array(text.utf8)), as: UTF8.self)
    }

    // MARK: - One pass

    /// What comes after the text.
    enum End {
        case whole
        /// More may come, and with it the rest of a secret.
        case open
    }

    struct Scan {
        var clean: [UInt8] = []
        /// Where a secret may have begun whose rest is yet to come; else the text's end.
        var end = 0
        /// How many of its characters are there.
        var depth = 0
    }

    /// - Parameter known: so many of the first bytes have been given out before, and are not again.
    func scan(_ text: [UInt8], _ end: End, known: Int = 0) -> Scan {
        text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return Scan() }
            return pairs.withUnsafeBufferPointer { pairs in
                scan(Bytes(base: base, count: buffer.count), end, known, pairs.baseAddress!)
            }
        }
    }

    private func scan(_ text: Bytes, _ end: End, _ known: Int, _ pairs: UnsafePointer<UInt8>) -> Scan {
        var scan = Scan()
        scan.clean.reserveCapacity(text.count)
        var plain = known
        var index = 0
        let last = text.count - 1
        while index < text.count {
            if index < last, pairs[Int(text.base[index]) << 8 | Int(text.base[index + 1])] == 0 {
                index += 1
                continue
            }
            switch look(at: index, in: text, end) {
            case .nothing: index += 1
            case .hide(let range):
                text.copy(plain..<max(plain, range.lowerBound), to: &scan.clean)
                blot(range, of: text, known, &scan.clean)
                index = range.upperBound
                plain = max(plain, index)
            case .mayFollow(let start, let depth):
                text.copy(plain..<max(plain, start), to: &scan.clean)
                scan.end = start
                scan.depth = depth
                return scan
            }
        }
        text.copy(plain..<max(plain, text.count), to: &scan.clean)
        scan.end = text.count
        return scan
    }

    private enum Look {
        case nothing
        case hide(Range<Int>)
        case mayFollow(from: Int, depth: Int)
    }

    private func look(at index: Int, in text: Bytes, _ end: End) -> Look {
        var longest = index
        var deepest = 0
        for number in byFirstByte[Int(text.base[index])] {
            let match = spellings[number].match(at: index, in: text)
            if let end = match.end { longest = max(longest, end) }
            guard match.reached > 0 else { continue }
            switch end {
            case .open: deepest = max(deepest, match.reached)
            case .whole:
                // Of a secret that is cut off, a beginning that cannot be anything else.
                if match.reached >= Self.shortest, match.reached * 3 >= spellings[number].count { longest = text.count }
            }
        }
        if deepest > 0 { return .mayFollow(from: index, depth: deepest) }
        if longest > index { return .hide(index..<longest) }
        switch URLSecret.look(at: index, in: text, isOpen: end == .open) {
        case .nothing: return .nothing
        case .hide(let range): return .hide(range)
        case .unfinished(let start): return .mayFollow(from: start, depth: .max)
        }
    }

    /// A mark for each line of what is hidden. Colours in it go on behind it, and so does the text's shape.
    private func blot(_ range: Range<Int>, of text: Bytes, _ known: Int, _ clean: inout [UInt8]) {
        var index = range.lowerBound
        var isMarked = false
        while index < range.upperBound {
            let byte = text.base[index]
            if byte == 0x1B {
                let end = min(text.endOfEscape(at: index), range.upperBound)
                if index >= known { text.copy(index..<end, to: &clean) }
                index = end
                continue
            }
            let isBreak = byte == UInt8(ascii: "\n")
            if index >= known {
                if isBreak {
                    clean.append(byte)
                } else if !isMarked {
                    clean += Self.mark.utf8
                    isMarked = true
                }
            }
            if isBreak { isMarked = false }
            index += 1
        }
    }

    private static func pair(_ first: UInt8, _ second: UInt8) -> Int { Int(first) << 8 | Int(second) }

    private static let urlPairs: [(UInt8, UInt8)] = [":/", #":\"#, "re", "ht"].map { text in
        let bytes = Array(text.utf8)
        return (bytes[0], bytes[1])
    }
}

/// Text by position, without the checks of an array: every byte of every log goes through here.
struct Bytes {
    let base: UnsafePointer<UInt8>
    let count: Int

    func copy(_ range: Range<Int>, to bytes: inout [UInt8]) {
        guard !range.isEmpty else { return }
        bytes.append(contentsOf: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }

    func holds(_ text: [UInt8], at index: Int) -> Bool {
        guard index + text.count <= count else { return false }
        for offset in 0..<text.count where base[index + offset] != text[offset] { return false }
        return true
    }

    /// The index after the control sequence that begins here.
    func endOfEscape(at start: Int) -> Int {
        var index = start + 1
        guard index < count, base[index] == UInt8(ascii: "[") else { return index }
        index += 1
        while index < count, (0x20...0x3F).contains(base[index]) { index += 1 }
        return min(index + 1, count)
    }
}

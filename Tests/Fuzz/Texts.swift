import SlipwayHTTP

/// The small languages within a message.
enum Texts {
    static func checkTarget(_ bytes: [UInt8]) {
        guard let target = HTTPTarget(String(decoding: bytes, as: UTF8.self)) else { return }
        checkPath(target.path)
        // Decoding is final: the path, escaped, is the same path.
        let segments = target.path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let path = segments.map { PercentCoding.encode(String(Substring($0))) }.joined(separator: "/")
        let query = target.query.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
        let again = HTTPTarget(path + "?" + query.joined(separator: "&"))
        require(again.map { Array($0.path.utf8) } == Array(target.path.utf8), "\(target.path) is decoded once")
        require(again.map { pairs($0.query) } == pairs(target.query), "the query \(query) is decoded once")
    }

    /// What a handler may rely on when it makes a file's name of it.
    static func checkPath(_ path: String) {
        let bytes = Array(path.utf8)
        require(bytes.first == UInt8(ascii: "/"), "\(path) begins with a slash")
        require(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "no control character is in \(path)")
        for segment in bytes.split(separator: UInt8(ascii: "/")) {
            require(!segment.allSatisfy { $0 == UInt8(ascii: ".") } || segment.count > 2, "\(path) does not climb")
        }
    }

    static func checkPercentCoding(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let encoded = PercentCoding.encode(text)
        for plusIsSpace in [false, true] {
            let decoded = PercentCoding.decode(encoded, plusIsSpace: plusIsSpace)
            require(decoded.map { Array($0.utf8) } == Array(text.utf8), "\(text) survives its escapes")
            _ = PercentCoding.decode(text, plusIsSpace: plusIsSpace)
        }
    }

    static func checkForm(_ bytes: [UInt8]) {
        guard let items = PercentCoding.decodeForm(String(decoding: bytes, as: UTF8.self)) else { return }
        // A pair of two empty sides can be written, one without `=` and name cannot.
        let form = items.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
        let again = PercentCoding.decodeForm(form.joined(separator: "&"))
        require(again.map(pairs) == pairs(items), "the form \(form) is decoded once")
        // Of each `&` that is no escape, two fields become.
        require(items.count == bytes.split(separator: UInt8(ascii: "&")).count, "every & divides")
    }

    private static func pairs(_ items: [HTTPTarget.QueryItem]) -> [[UInt8]] {
        items.flatMap { [Array($0.name.utf8), Array($0.value.utf8)] }
    }

    static func checkDate(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let seconds = HTTPDate.parse(text) {
            // Of the three forms the second names the day in full, and has two hyphens.
            let hyphens = bytes.count(where: { $0 == UInt8(ascii: "-") })
            let isOfItsLength =
                hyphens == 0 ? [24, 29].contains(bytes.count) : (30...33).contains(bytes.count) && hyphens == 2
            require(isOfItsLength && !text.contains("+"), "\(text) is not a date")
            // A leap second may lead out of the years that four digits can say.
            if seconds < 253_402_300_800 {
                require(HTTPDate.parse(HTTPDate.format(seconds)) == seconds, "\(text) is a date again")
            }
        }
        // Any of the years 0 to 9999.
        let number = bytes.prefix(8).reduce(into: UInt64(0)) { $0 = $0 << 8 | UInt64($1) }
        let seconds = Int(number % 315_569_520_000) - 62_167_219_200
        require(HTTPDate.parse(HTTPDate.format(seconds)) == seconds, "\(seconds) survives as a date")
    }

    static func checkRange(_ bytes: [UInt8], size: Int) {
        guard case .bytes(let range)? = ByteRange(String(decoding: bytes, as: UTF8.self), size: size) else { return }
        require(range.lowerBound >= 0 && range.upperBound <= size && !range.isEmpty, "\(range) lies in \(size)")
        let again = ByteRange("bytes=\(range.lowerBound)-\(range.upperBound - 1)", size: size)
        require(again == .bytes(range), "\(range) is a range again")
    }
}

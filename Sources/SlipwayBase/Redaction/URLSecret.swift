/// What of a URL opens something for whoever reads it, although nobody configured it as a secret.
enum URLSecret {
    enum Look {
        case nothing
        case hide(Range<Int>)
        /// The text ends within what may be one; what may show ends here.
        case unfinished(from: Int)
    }

    /// - Parameter isOpen: more text may come.
    static func look(at index: Int, in text: Bytes, isOpen: Bool) -> Look {
        switch text.base[index] {
        case UInt8(ascii: ":"): userInfo(at: index, in: text, isOpen)
        case UInt8(ascii: "r"), UInt8(ascii: "h"): capability(at: index, in: text, isOpen)
        default: .nothing
        }
    }

    /// Heroku's URLs that open a dyno or a log to whoever knows them (docs/heroku.md, T20).
    private static let capabilities = [
        "rendezvous://", "https://release-output.heroku.com/", "https://build-output.heroku.com/",
        "https://logplex.heroku.com/", "https://api.heroku.com/log-sessions/",
    ].map { Array($0.utf8) }

    private static func capability(at index: Int, in text: Bytes, _ isOpen: Bool) -> Look {
        guard capabilities.contains(where: { text.holds($0, at: index) }) else { return .nothing }
        var end = index
        while end < text.count, text.base[end] > 0x20 || text.base[end] == 0x1B, !quotes.contains(text.base[end]) {
            end += 1
        }
        return isOpen && end == text.count ? .unfinished(from: index) : .hide(index..<end)
    }

    private static let quotes = Set("\"'".utf8)
    private static let ends = Set("/?#\"'`<>\\ ".utf8)
    /// No user info is longer; what does not end before is none.
    private static let longest = 1024

    /// Of `https://user:password@host` the password; a user alone is a token, where it is not ssh's.
    private static func userInfo(at colon: Int, in text: Bytes, _ isOpen: Bool) -> Look {
        let slashes = [Array("://".utf8), Array(#":\/\/"#.utf8)].first { text.holds($0, at: colon) }
        guard let slashes, colon > 0 else { return .nothing }
        let start = colon + slashes.count
        var index = start
        var at: Int?
        var separator: Int?
        while index < text.count, index - start < longest {
            let byte = text.base[index]
            if ends.contains(byte) || byte < 0x20 && byte != 0x1B { break }
            if byte == UInt8(ascii: "@") { at = index }
            if byte == UInt8(ascii: ":"), separator == nil { separator = index }
            index += 1
        }
        if isOpen, index == text.count { return .unfinished(from: start) }
        return hidden(start, separator, at, colon, text)
    }

    private static func hidden(_ start: Int, _ separator: Int?, _ at: Int?, _ colon: Int, _ text: Bytes) -> Look {
        guard let at, at > start else { return .nothing }
        if let separator, separator < at { return separator + 1 < at ? .hide(separator + 1..<at) : .nothing }
        let isWeb = ["http", "https"].contains { scheme in
            colon >= scheme.utf8.count && text.holds(Array(scheme.utf8), at: colon - scheme.utf8.count)
        }
        return isWeb ? .hide(start..<at) : .nothing
    }
}

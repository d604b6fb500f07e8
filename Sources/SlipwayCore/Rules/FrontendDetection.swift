/// Finds the frontends that a Dockerfile may make some version of BuildKit run.
///
/// Versions differ in what they read: whether an unknown directive ends the search, which of two counts, whether a BOM
/// or a `#!` line is passed over, whether `//` and JSON count. What any of them would take is found here.
package enum FrontendDetection {
    /// What a first look at a Dockerfile gives.
    package enum Finding: Sendable, Hashable {
        /// The image that a directive names; it may be no image's name at all.
        case image(String)
        /// The file is JSON, in which a frontend can be named in more spellings than are worth reading: no Dockerfile
        /// begins with a brace.
        case json
    }

    package static func findings(in file: [UInt8]) -> [Finding] {
        var bytes = file[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if bytes.starts(with: Array("#!".utf8)) {
            bytes = bytes.firstIndex(of: newline).map { bytes[($0 + 1)...] } ?? []
        }
        if bytes.first(where: { !jsonSpace.contains($0) }) == UInt8(ascii: "{") { return [.json] }
        return ["#", "//"].flatMap { directives(in: bytes, after: $0) }
            .filter { $0.key == "syntax" }
            // What follows a space are the frontend's own arguments.
            .map { .image(String($0.value.prefix { $0 != " " })) }
    }

    /// The directives at a file's beginning, each on a line of its own, their names in small letters.
    package static func directives(in bytes: ArraySlice<UInt8>, after comment: String) -> [(key: String, value: String)]
    {
        var found: [(key: String, value: String)] = []
        for line in bytes.split(separator: newline, omittingEmptySubsequences: false) {
            guard line.starts(with: Array(comment.utf8)) else { break }
            let text = String(decoding: line.dropFirst(comment.utf8.count), as: UTF8.self).unicodeScalars
            guard let directive = directive(text.drop { $0.properties.isWhitespace }) else { break }
            found.append(directive)
        }
        return found
    }

    /// `key = value`.
    private static func directive(_ text: Substring.UnicodeScalarView) -> (key: String, value: String)? {
        let key = text.prefix { $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil) }
        guard let first = key.first, first.properties.isAlphabetic else { return nil }
        let rest = text[key.endIndex...].drop(while: isSpace)
        guard rest.first == "=", rest.count > 1 else { return nil }
        var value = rest.dropFirst().drop(while: isSpace)
        while let last = value.last, isSpace(last) { value.removeLast() }
        return (String(key).lowercased(), String(value))
    }

    /// What `\s` is to BuildKit's regular expressions.
    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { "\t\n\u{0C}\r ".unicodeScalars.contains(scalar) }

    private static let newline = UInt8(ascii: "\n")
    private static let jsonSpace = Array(" \t\r\n".utf8)
}

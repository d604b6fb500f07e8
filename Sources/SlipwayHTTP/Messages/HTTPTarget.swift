/// The path and query of a request target, decoded.
package struct HTTPTarget: Sendable, Hashable {
    /// Decoded and normalised, beginning with `/`; never with a `.` or `..` segment.
    package var path: String
    /// Pairs in order, decoded; `+` is a space, as forms write it.
    package var query: [QueryItem]
    /// As it came.
    package var raw: String

    package struct QueryItem: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// - Returns: nil for what is not an origin-form target (RFC 9112, section 3.2.1), holds a bad percent escape, a
    ///   control character, an escaped slash or NUL, or climbs above the root.
    package init?(_ raw: String) {
        guard raw.utf8.first == UInt8(ascii: "/") else { return nil }
        if Self.isPlain(raw) {
            self.raw = raw
            path = raw
            query = []
            return
        }
        // By bytes: a slash with a combining accent after it is another Character, and to a file system still a slash.
        let slash = UInt8(ascii: "/")
        let parts = raw.utf8.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        var segments: [String] = []
        for segment in parts[0].dropFirst().split(separator: slash, omittingEmptySubsequences: false) {
            guard let decoded = PercentCoding.decode(Substring(segment)), !decoded.utf8.contains(slash) else {
                return nil
            }
            guard decoded.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else { return nil }
            switch decoded {
            case ".": continue
            case "..":
                guard segments.popLast() != nil else { return nil }
            default: segments.append(decoded)
            }
        }
        self.raw = raw
        path = "/" + segments.joined(separator: "/")
        guard parts.count > 1 else {
            query = []
            return
        }
        guard let items = PercentCoding.decodeForm(Substring(parts[1])) else { return nil }
        query = items
    }

    /// Whether there is nothing to decode, to normalise or to refuse: true of most requests, and much cheaper.
    private static func isPlain(_ raw: String) -> Bool {
        var last = UInt8(ascii: "/")
        return raw.utf8.allSatisfy { byte in
            defer { last = byte }
            return switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            // Within a segment: only one that begins with it may be `.` or `..`.
            case UInt8(ascii: "."): last != UInt8(ascii: "/")
            default: false
            }
        }
    }

    /// `/`.
    static let root = HTTPTarget(path: "/", query: [], raw: "/")

    private init(path: String, query: [QueryItem], raw: String) {
        self.path = path
        self.query = query
        self.raw = raw
    }

    /// The first value of a query parameter.
    package func value(_ name: String) -> String? { query.first { $0.name == name }?.value }
}

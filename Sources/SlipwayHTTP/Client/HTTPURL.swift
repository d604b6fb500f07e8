/// The parts of an `http` or `https` URL that a client needs (RFC 9110, section 4.2).
package struct HTTPURL: Equatable, Sendable {
    package var isSecure: Bool
    /// Without the brackets of an IPv6 address.
    package var host: String
    package var port: Int
    /// Path and query; a fragment is never sent.
    var target: String

    /// - Returns: nil also for a URL with a user: credentials belong into a header, where nothing logs them.
    package init?(_ text: String) {
        let schemes = [("http://", false, 80), ("https://", true, 443)]
        guard
            let (scheme, isSecure, defaultPort) = schemes.first(where: {
                text.prefix($0.0.count).isSameHeader(as: $0.0)
            })
        else { return nil }
        // Spaces and controls would end the request line early.
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "#" }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let authority = Self.split(rest[..<end], defaultPort) else { return nil }
        self.isSecure = isSecure
        (host, port) = authority
        target = rest[end...].first == "/" ? String(rest[end...]) : "/" + rest[end...]
    }

    private static func split(_ authority: Substring, _ defaultPort: Int) -> (String, Int)? {
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        var host = authority
        var port = defaultPort
        let afterAddress = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[afterAddress...].lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
            guard let number = digits.isEmpty ? defaultPort : Int(digits), (1...65535).contains(number) else {
                return nil
            }
            host = authority[..<colon]
            port = number
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]") else { return nil }
            host = host.dropFirst().dropLast()
        }
        return host.isEmpty ? nil : (String(host), port)
    }

    /// For the `Host` field: without the scheme's own port.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }
}

import Glibc

/// An IPv4 or IPv6 address. An IPv4 one that is written as IPv6, `::ffff:10.0.0.1`, is the IPv4 one: so a socket that
/// takes both names its IPv4 peers.
package struct IPAddress: Sendable, Hashable {
    /// Four or sixteen.
    let bytes: [UInt8]

    /// - Parameter text: without brackets: `10.0.0.1`, `::1`.
    package init?(_ text: String) {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = four
            return
        }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        let isMapped = sixteen[..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        bytes = isMapped ? Array(sixteen[12...]) : sixteen
    }
}

/// Whether a name stays on this machine, so that plain HTTP may carry a key to it.
package enum Loopback {
    /// - Parameter host: a name or an address, an IPv6 one with or without its brackets.
    package static func holds(host: String) -> Bool {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard !bare.contains(":") else { return bare == "::1" }
        return bare.lowercased() == "localhost" || IPAddress(bare)?.bytes.first == 127
    }

    /// - Parameter authority: `host` or `host:port` (RFC 3986, section 3.2).
    package static func holds(authority: String) -> Bool {
        guard authority.hasPrefix("["), let end = authority.firstIndex(of: "]") else {
            return holds(host: String(authority.prefix { $0 != ":" }))
        }
        return holds(host: String(authority[...end]))
    }
}

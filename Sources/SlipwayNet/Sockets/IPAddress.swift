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

extension IPAddress: CustomStringConvertible {
    /// The one way to write it (RFC 5952), so that equal addresses are equal texts.
    package var description: String {
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            inet_ntop(family, bytes, buffer.baseAddress, socklen_t(buffer.count)).map { String(cString: $0) } ?? ""
        }
    }

    package var isLoopback: Bool { Self.loopback.contains { $0.contains(self) } }

    /// Whether it is of a network that the Internet does not reach: a machine's own, a house's, a container's.
    package var isPrivate: Bool { isLoopback || Self.inner.contains { $0.contains(self) } }

    private static let loopback = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }
    /// RFC 1918, 6598 (shared by a provider's customers), 3927 and 4291 (of a link), 4193.
    private static let inner = [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fe80::/10", "fc00::/7",
    ].compactMap { AddressRange($0) }
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

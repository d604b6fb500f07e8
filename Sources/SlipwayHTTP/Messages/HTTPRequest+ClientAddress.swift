import Glibc

extension HTTPRequest {
    /// The address a request came from: the peer's, or through proxies of ours the last in `X-Forwarded-For` that is
    /// not one of them. Those further left anyone can write.
    ///
    /// - Parameter proxies: addresses or ranges of them; what is neither is passed over.
    package func clientAddress(trusting proxies: [String]) -> String {
        let trusted = proxies.compactMap { AddressRange($0) }
        var address = remoteAddress
        let hops = headers.list("X-Forwarded-For").reversed()
        for hop in hops {
            guard trusted.contains(where: { $0.contains(address) }), AddressRange(String(hop)) != nil else { break }
            address = String(hop)
        }
        return address
    }
}

/// An IPv4 or IPv6 address, or a range of them.
private struct AddressRange: Sendable {
    private let bytes: [UInt8]
    private let prefix: Int

    /// - Parameter text: `10.0.0.1`, `10.0.0.0/8`, `::1`, `fd00::/8`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(of: String(parts[0])) else { return nil }
        self.bytes = bytes
        guard parts.count > 1 else {
            prefix = bytes.count * 8
            return
        }
        guard let prefix = Int(parts[1]), (0...bytes.count * 8).contains(prefix) else { return nil }
        self.prefix = prefix
    }

    func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(of: address), other.count == bytes.count else { return false }
        return zip(bytes, other).enumerated().allSatisfy { index, pair in
            let bits = min(8, max(0, prefix - index * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> bits)
            return pair.0 & mask == pair.1 & mask
        }
    }

    private static func bytes(of text: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &sixteen) == 1 else { return nil }
        // An IPv4 peer of a socket that also takes IPv6 is written ::ffff:10.0.0.1.
        let isMapped = sixteen[..<10].allSatisfy { $0 == 0 } && sixteen[10] == 0xFF && sixteen[11] == 0xFF
        return isMapped ? Array(sixteen[12...]) : sixteen
    }
}

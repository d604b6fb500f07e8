import SlipwayNet

extension HTTPRequest {
    /// The address a request came from: the peer's, or through proxies of ours the last in `X-Forwarded-For` that is
    /// not one of them. Those further left anyone can write.
    ///
    /// `Forwarded` (RFC 7239) does not count: a proxy that writes the one header passes a client's own other one on.
    /// - Parameter proxies: addresses or ranges of them; what is neither is passed over.
    package func clientAddress(trusting proxies: [String]) -> String {
        guard headers.contains("X-Forwarded-For") else { return remoteAddress }
        let trusted = proxies.compactMap { AddressRange($0) }
        var client = remoteAddress
        for hop in headers.list("X-Forwarded-For").reversed() where !hop.isEmpty {
            guard let proxy = IPAddress(client), trusted.contains(where: { $0.contains(proxy) }),
                let address = IPAddress(hop: hop)
            else { break }
            client = address.description
        }
        return client
    }
}

extension IPAddress {
    /// One hop as proxies write it: an address alone, with its port, in brackets, in quotes, or with its interface.
    init?(hop: Substring) {
        var text = hop
        if text.utf8.count > 1, text.hasPrefix("\""), text.hasSuffix("\"") { text = text.dropFirst().dropLast() }
        var port: Substring = ""
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            port = text[end...].dropFirst()
            text = text[..<end].dropFirst()
        } else if let colon = text.firstIndex(of: ":"), !text[colon...].dropFirst().contains(":") {
            // A second colon makes it an IPv6 address, of which nobody could tell a port without brackets.
            port = text[colon...]
            text = text[..<colon]
        }
        let digits = port.dropFirst().utf8
        let isPort =
            port.hasPrefix(":") && (1...5).contains(digits.count)
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard port.isEmpty || isPort else { return nil }
        self.init(String(text.prefix { $0 != "%" }))
    }
}

import SlipwayNet

extension HTTPRequest {
    /// The address a request came from: the peer's, or through proxies of ours the last in `X-Forwarded-For` that is
    /// not one of them. Those further left anyone can write.
    ///
    /// - Parameter proxies: addresses or ranges of them; what is neither is passed over.
    package func clientAddress(trusting proxies: [String]) -> String {
        let trusted = proxies.compactMap { AddressRange($0) }
        var client = remoteAddress
        for hop in headers.list("X-Forwarded-For").reversed() {
            guard let proxy = IPAddress(client), trusted.contains(where: { $0.contains(proxy) }),
                AddressRange(String(hop)) != nil
            else { break }
            client = String(hop)
        }
        return client
    }
}

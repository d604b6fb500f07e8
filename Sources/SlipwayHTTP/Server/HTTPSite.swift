import SlipwayNet

/// What all connections of a server share.
final class HTTPSite: Sendable {
    let limits: HTTPLimits
    let router: Router
    let connections: ConnectionList
    private let budget: BodyBudget
    private let spool: String
    private let proxies: @Sendable () -> [String]

    /// - Parameters:
    ///   - spool: a folder on a disk with room, for large bodies while they arrive.
    ///   - proxies: as in `HTTPServer`.
    init(limits: HTTPLimits, router: Router, spool: String, proxies: @escaping @Sendable () -> [String]) {
        self.limits = limits
        self.router = router
        self.spool = spool
        self.proxies = proxies
        connections = ConnectionList(limits: limits)
        budget = BodyBudget(limits)
    }

    /// Whether it speaks for clients that its requests name.
    func isProxy(_ peer: String) -> Bool {
        let proxies = proxies()
        guard !proxies.isEmpty, let address = IPAddress(peer) else { return false }
        return proxies.contains { AddressRange($0)?.contains(address) == true }
    }

    /// Whom the bounds count a request for.
    func client(of request: HTTPRequest) -> ClientNetwork {
        ClientNetwork(request.clientAddress(trusting: proxies()))
    }

    func room(for client: ClientNetwork, giveWay: @escaping @Sendable () -> Void) -> BodyRoom {
        BodyRoom(
            budget: budget, client: client, giveWay: giveWay, memoryBytes: limits.bodyMemoryBytes, folder: spool,
            limits: limits.bodies)
    }
}

extension HTTPLimits {
    var head: HTTPHeadParser.Limits {
        HTTPHeadParser.Limits(startLineBytes: requestLineBytes, headerBytes: headerBytes, headerFields: headerFields)
    }
}

/// What all connections of a server share.
final class HTTPSite: Sendable {
    let limits: HTTPLimits
    let router: Router
    let connections: ConnectionList
    private let budget: BodyBudget
    private let spool: String

    /// - Parameter spool: a folder on a disk with room, for large bodies while they arrive.
    init(limits: HTTPLimits, router: Router, spool: String) {
        self.limits = limits
        self.router = router
        self.spool = spool
        connections = ConnectionList(limits: limits)
        budget = BodyBudget(limits)
    }

    func room(for address: String) -> BodyRoom {
        BodyRoom(
            budget: budget, address: address, memoryBytes: limits.bodyMemoryBytes, folder: spool, limits: limits.bodies)
    }
}

extension HTTPLimits {
    var head: HTTPHeadParser.Limits {
        HTTPHeadParser.Limits(startLineBytes: requestLineBytes, headerBytes: headerBytes, headerFields: headerFields)
    }
}

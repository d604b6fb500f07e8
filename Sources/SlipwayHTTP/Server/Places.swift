import SlipwayNet

/// Who has one of a bounded number of places, and who gives way to a newcomer when there is none: of the clients that
/// have most, the one that has waited longest without a complete request, so that nobody is kept out by clients who take
/// more than their part.
struct Places<Holder: Hashable> {
    private let limit: Int
    private let limitPerClient: Int
    private var byClient: [ClientNetwork: Set<Holder>] = [:]
    private var clients: [Holder: ClientNetwork] = [:]

    /// What a holder is doing, and since when on the monotonic clock; the smallest gives way first.
    enum Standing: Comparable {
        /// A complete request is still to come.
        case waiting(since: UInt64)
        /// Its request is being answered.
        case busy(since: UInt64)

        var isWaiting: Bool {
            if case .waiting = self { true } else { false }
        }
    }

    enum Answer: Equatable {
        case taken
        /// This one has no place any more.
        case takenFrom(Holder)
        case refused
    }

    init(limit: Int, limitPerClient: Int) {
        self.limit = limit
        self.limitPerClient = limitPerClient
    }

    var isEmpty: Bool { clients.isEmpty }
    var holders: [Holder] { Array(clients.keys) }

    /// - Parameter isBounded: whether the client may have its part only; a proxy that speaks for others has more.
    mutating func take(
        for client: ClientNetwork, isBounded: Bool, _ holder: Holder, _ standing: (Holder) -> Standing
    ) -> Answer {
        var loser: Holder?
        if isBounded, isAtBound(client) {
            loser = waiting(of: client, standing)
            guard loser != nil else { return .refused }
        } else if clients.count >= limit {
            loser = ofLargest(than: client, standing) ?? waiting(of: client, standing)
            guard loser != nil else { return .refused }
        }
        return put(holder, client, insteadOf: loser)
    }

    /// Counts a place for another client: that of the request which came over it.
    mutating func move(
        _ holder: Holder, to client: ClientNetwork, isBounded: Bool, _ standing: (Holder) -> Standing
    ) -> Answer {
        guard let before = clients[holder] else { return .refused }
        guard before != client else { return .taken }
        var loser: Holder?
        if isBounded, isAtBound(client) {
            loser = waiting(of: client, standing)
            guard loser != nil else { return .refused }
        }
        leave(holder)
        return put(holder, client, insteadOf: loser)
    }

    /// - Returns: whether it had a place.
    @discardableResult
    mutating func leave(_ holder: Holder) -> Bool {
        guard let client = clients.removeValue(forKey: holder) else { return false }
        byClient[client]?.remove(holder)
        if byClient[client]?.isEmpty == true { byClient[client] = nil }
        return true
    }

    private mutating func put(_ holder: Holder, _ client: ClientNetwork, insteadOf loser: Holder?) -> Answer {
        if let loser { leave(loser) }
        clients[holder] = client
        byClient[client, default: []].insert(holder)
        return loser.map { .takenFrom($0) } ?? .taken
    }

    private func isAtBound(_ client: ClientNetwork) -> Bool { byClient[client, default: []].count >= limitPerClient }

    private func waiting(of client: ClientNetwork, _ standing: (Holder) -> Standing) -> Holder? {
        first(of: byClient[client, default: []].filter { standing($0).isWaiting }, standing)
    }

    /// One of a client that has more than another. One that is busy goes only where both then have the same or less.
    private func ofLargest(than client: ClientNetwork, _ standing: (Holder) -> Standing) -> Holder? {
        let own = byClient[client]?.count ?? 0
        let most = byClient.values.reduce(0) { max($0, $1.count) }
        guard most > own else { return nil }
        let theirs = byClient.values.filter { $0.count == most }.flatMap { Array($0) }
        return first(of: theirs.filter { most > own + 1 || standing($0).isWaiting }, standing)
    }

    private func first(of holders: some Sequence<Holder>, _ standing: (Holder) -> Standing) -> Holder? {
        holders.map { (holder: $0, standing: standing($0)) }.min { $0.standing < $1.standing }?.holder
    }
}

import SlipwayNet

/// Lines for the log about what clients do: one a minute for each client and kind.
struct Notices: Sendable {
    enum Kind: Sendable, Hashable {
        case wrongToken, otherSite, plainHTTP, lostCookie
    }

    private struct Key: Hashable, Sendable {
        var kind: Kind
        var client: ClientNetwork
    }

    /// How often it happened again since the last line.
    private var unsaid = Lately<Key, Int>()

    var count: Int { unsaid.count }

    /// - Returns: how many were not said since the last line; nil: no line is due.
    mutating func count(_ kind: Kind, _ client: Client, at now: ContinuousClock.Instant) -> Int? {
        let key = Key(kind: kind, client: client.network)
        if let (count, _) = unsaid.value(of: key, at: now) {
            unsaid.set(count + 1, of: key, at: now)
            return nil
        }
        let count = unsaid[key] ?? 0
        unsaid.set(0, of: key, at: now)
        return count
    }
}

/// Counts attempts to log in by address, so that tokens cannot be guessed by trying.
struct LoginAttempts: Sendable {
    /// Attempts within `window` that one address has.
    static let limit = 10
    static let window: Duration = .seconds(60)
    /// Addresses remembered at once; beyond that the oldest are forgotten, and memory stays bounded.
    static let capacity = 4096

    private var starts: [String: (since: ContinuousClock.Instant, count: Int)] = [:]

    var count: Int { starts.count }

    /// - Returns: how long to wait, when this attempt is one too many.
    mutating func record(from address: String, at now: ContinuousClock.Instant) -> Duration? {
        var entry = starts[address] ?? (now, 0)
        if entry.since.duration(to: now) >= Self.window { entry = (now, 0) }
        guard entry.count < Self.limit else { return Self.window - entry.since.duration(to: now) }
        entry.count += 1
        if starts[address] == nil, starts.count >= Self.capacity { makeRoom(at: now) }
        starts[address] = entry
        return nil
    }

    /// After a success: a person who mistyped has their attempts back.
    mutating func forget(_ address: String) {
        starts[address] = nil
    }

    private mutating func makeRoom(at now: ContinuousClock.Instant) {
        starts = starts.filter { $0.value.since.duration(to: now) < Self.window }
        guard starts.count >= Self.capacity else { return }
        for address in starts.sorted(by: { $0.value.since < $1.value.since }).prefix(Self.capacity / 2).map(\.key) {
            starts[address] = nil
        }
    }
}

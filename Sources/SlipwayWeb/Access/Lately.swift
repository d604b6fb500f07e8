/// Values by key for a minute after they were first set. Beyond `capacity` the oldest are forgotten, and memory stays
/// bounded whoever fills it.
struct Lately<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    static var window: Duration { .seconds(60) }
    static var capacity: Int { 4096 }

    private var entries: [Key: (since: ContinuousClock.Instant, value: Value)] = [:]

    var count: Int { entries.count }

    /// - Returns: the value and how long it still counts; nil: there is none, or its minute is over.
    func value(of key: Key, at now: ContinuousClock.Instant) -> (value: Value, left: Duration)? {
        guard let entry = entries[key] else { return nil }
        let age = entry.since.duration(to: now)
        return age < Self.window ? (entry.value, Self.window - age) : nil
    }

    /// The last value of a key, even if its minute is over.
    subscript(key: Key) -> Value? { entries[key]?.value }

    /// A value that still counts keeps its time.
    mutating func set(_ value: Value, of key: Key, at now: ContinuousClock.Instant) {
        if entries[key] == nil, entries.count >= Self.capacity { makeRoom(at: now) }
        let since = self.value(of: key, at: now) == nil ? now : entries[key]?.since
        entries[key] = (since ?? now, value)
    }

    private mutating func makeRoom(at now: ContinuousClock.Instant) {
        entries = entries.filter { $0.value.since.duration(to: now) < Self.window }
        guard entries.count >= Self.capacity else { return }
        for key in entries.sorted(by: { $0.value.since < $1.value.since }).prefix(Self.capacity / 2).map(\.key) {
            entries[key] = nil
        }
    }
}

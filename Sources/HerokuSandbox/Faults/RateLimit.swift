/// The account's pool of requests: 4,500, refilled by 75 a minute.
struct RateLimit: Sendable {
    static let capacity = 4500
    static let perMinute = 75.0

    private var tokens = Double(capacity)
    private var counted: ContinuousClock.Instant

    init(now: ContinuousClock.Instant) {
        counted = now
    }

    mutating func remaining(now: ContinuousClock.Instant) -> Int {
        let passed = now - counted
        counted = now
        let minutes = (Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18) / 60
        tokens = min(Double(Self.capacity), tokens + minutes * Self.perMinute)
        return Int(tokens)
    }

    /// - Returns: false when the pool is empty.
    mutating func take(now: ContinuousClock.Instant) -> Bool {
        guard remaining(now: now) > 0 else { return false }
        tokens -= 1
        return true
    }

    mutating func set(_ remaining: Int, now: ContinuousClock.Instant) {
        counted = now
        tokens = Double(remaining)
    }
}

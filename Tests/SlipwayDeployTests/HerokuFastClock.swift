/// A clock whose hours are seconds, so that what waits for Heroku in a test waits in proportion.
struct FastClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Swift.Duration

        func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let start = ContinuousClock.now
    /// How many seconds pass in one.
    private let speed: Int

    init(speed: Int = 200) {
        self.speed = speed
    }

    var now: Instant { Instant(offset: (ContinuousClock.now - start) * speed) }
    var minimumResolution: Swift.Duration { .microseconds(speed) }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        try await Task.sleep(until: start + deadline.offset / speed, clock: .continuous)
    }
}

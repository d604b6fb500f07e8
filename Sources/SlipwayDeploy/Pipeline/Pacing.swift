/// Time that has passed on a clock, whichever it is.
struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    init(_ clock: any Clock<Duration>) {
        read = Self.reader(of: clock)
    }

    var elapsed: Duration { read() }

    private static func reader<C: Clock>(of clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}

/// Pauses that grow up to a longest one.
struct Pauses: Sendable {
    private var next: Duration
    private let factor: Double
    private let longest: Duration
    /// The share by which a pause may be shorter or longer, so that two servers do not knock in step.
    private let jitter: Double

    init(first: Duration, factor: Double, longest: Duration, jitter: Double = 0) {
        next = first
        self.factor = factor
        self.longest = longest
        self.jitter = jitter
    }

    /// - Parameter longest: nil: as the limits say.
    static func polling(_ limits: HerokuLimits, longest: Duration? = nil) -> Pauses {
        Pauses(first: limits.poll, factor: 4 / 3, longest: longest ?? limits.longestPoll)
    }

    mutating func take() -> Duration {
        let pause = min(next, longest)
        next = min(next * factor, longest)
        return jitter > 0 ? pause.varied(by: jitter) : pause
    }
}

/// - Returns: nil when the limit passed first; the work was cancelled then and has ended.
func withTimeLimit<Value: Sendable>(
    _ limit: Duration, on clock: any Clock<Duration>, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await work() }
        group.addTask {
            try await clock.sleep(for: limit)
            return nil
        }
        return try await group.next() ?? nil
    }
}

extension Duration {
    /// A quarter shorter or longer at most, so that several jobs and servers do not knock in step.
    var jittered: Duration { varied(by: 0.25) }

    fileprivate func varied(by share: Double) -> Duration { self * Double.random(in: (1 - share)...(1 + share)) }

    /// For people: `0.5 s`, `45 s`, `3 min 30 s`.
    var spelled: String {
        let (seconds, attoseconds) = components
        if seconds < 10, attoseconds > 0 {
            let tenths = (Double(seconds) * 10 + Double(attoseconds) / 1e17).rounded() / 10
            return "\(tenths) s"
        }
        guard seconds >= 120 else { return "\(seconds) s" }
        return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s"
    }
}

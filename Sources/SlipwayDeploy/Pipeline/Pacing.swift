/// Time that has passed on a clock, whichever it is.
package struct Stopwatch: Sendable {
    private let read: @Sendable () -> Duration

    package init(_ clock: any Clock<Duration>) {
        read = Self.reader(of: clock)
    }

    package var elapsed: Duration { read() }

    private static func reader<C: Clock>(of clock: C) -> @Sendable () -> Duration where C.Duration == Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}

/// Pauses that grow up to a longest one.
package struct Pauses: Sendable {
    private var next: Duration
    private let factor: Double
    private let longest: Duration
    /// The share by which a pause may be shorter or longer, so that two servers do not knock in step.
    private let jitter: Double

    package init(first: Duration, factor: Double, longest: Duration, jitter: Double = 0) {
        next = first
        self.factor = factor
        self.longest = longest
        self.jitter = jitter
    }

    package mutating func take() -> Duration {
        let pause = min(next, longest)
        next = min(next * factor, longest)
        return jitter > 0 ? pause.varied(by: jitter) : pause
    }
}

/// - Returns: nil when the limit passed first; the work was cancelled then and has ended.
package func withTimeLimit<Value: Sendable>(
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
    package var jittered: Duration { varied(by: 0.25) }

    fileprivate func varied(by share: Double) -> Duration { self * Double.random(in: (1 - share)...(1 + share)) }
}

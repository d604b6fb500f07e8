import SlipwayBase
import SlipwayDeploy

extension HerokuAPI {
    /// Sends until it succeeds, fails for good, or `limits.tries` are used up; every pause is said.
    /// - Throws: `HerokuError`, `CancellationError`.
    func send(_ call: HerokuCall) async throws -> HerokuAnswer {
        var pauses = Pauses(first: limits.pause, factor: 2, longest: limits.longestPause, jitter: 0.25)
        var rateLimitPauses = Pauses(
            first: limits.rateLimitPause, factor: 2, longest: limits.longestRateLimitPause, jitter: 0.25)
        for _ in 1..<max(1, limits.tries) {
            do {
                return try await attempt(call)
            } catch let error as HerokuError {
                let pause: Duration
                switch error {
                case .rateLimited(_, let retryAfter):
                    pause = max(retryAfter ?? .zero, rateLimitPauses.take())
                case .conflict, .unreachable:
                    // Nothing happened: 409 is "not yet" on a young app or release (T21), and no connection no effect.
                    pause = pauses.take()
                case .unanswered where call.repetition == .harmless, .unavailable where call.repetition == .harmless:
                    pause = pauses.take()
                default: throw error
                }
                await say("\(error.cause) while \(call.doing); trying again in \(pause.inWords)")
                try await clock.sleep(for: pause)
            }
        }
        return try await attempt(call)
    }
}

import Synchronization

/// A clock that runs only when something waits on it, so that no test depends on how fast the machine is.
///
/// A pause (under two minutes) is over at once and takes the time along; a time limit (longer) is over when the pauses
/// of others, or the test, have taken the time there.
final class LeapClock: Clock {
    struct Instant: InstantProtocol {
        var offset: Swift.Duration

        func advanced(by duration: Swift.Duration) -> Instant { Instant(offset: offset + duration) }
        func duration(to other: Instant) -> Swift.Duration { other.offset - offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct State {
        var now = Instant(offset: .zero)
        var nextSleeper = 0
        var sleepers: [Int: (deadline: Instant, continuation: CheckedContinuation<Void, any Error>)] = [:]
        /// Cancelled before they slept.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    var now: Instant { state.withLock(\.now) }
    var minimumResolution: Swift.Duration { .nanoseconds(1) }

    func sleep(until deadline: Instant, tolerance: Swift.Duration?) async throws {
        try Task.checkCancellation()
        if now.duration(to: deadline) < .seconds(120) {
            await Task.yield()
            try Task.checkCancellation()
            leap(to: deadline)
        } else {
            try await wait(until: deadline)
        }
    }

    func advance(by duration: Swift.Duration) { leap(to: now.advanced(by: duration)) }

    private func leap(to moment: Instant) {
        let due = state.withLock { state in
            state.now = max(state.now, moment)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for key in due.keys { state.sleepers[key] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    private func wait(until deadline: Instant) async throws {
        let sleeper = state.withLock { state in
            state.nextSleeper += 1
            return state.nextSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    guard state.cancelled.remove(sleeper) == nil else { return true }
                    state.sleepers[sleeper] = (deadline, continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let continuation = state.sleepers.removeValue(forKey: sleeper)?.continuation
                if continuation == nil { state.cancelled.insert(sleeper) }
                return continuation
            }
            continuation?.resume(throwing: CancellationError())
        }
    }
}

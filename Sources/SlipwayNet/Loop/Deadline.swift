import Glibc

/// A moment on the monotonic clock by which something must have happened.
package struct Deadline: Sendable, Comparable {
    /// Since the machine's start.
    package let nanoseconds: UInt64

    package static let never = Deadline(nanoseconds: .max)

    package static func now() -> Deadline {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Deadline(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    package static func after(_ duration: Duration) -> Deadline { now() + duration }

    package static func + (start: Deadline, duration: Duration) -> Deadline {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, attoseconds >= 0 else { return start }
        // Longer than a century is "never" and must not overflow.
        guard seconds < 3_200_000_000, start != .never else { return .never }
        return Deadline(
            nanoseconds: start.nanoseconds + UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds) / 1_000_000_000)
    }

    package static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }

    /// From another moment until this one; zero when that is the later one.
    package func since(_ start: Deadline) -> Duration {
        nanoseconds > start.nanoseconds ? .nanoseconds(Int64(clamping: nanoseconds - start.nanoseconds)) : .zero
    }

    /// From this moment until now.
    package var elapsed: Duration { Deadline.now().since(self) }

    /// From now on; zero when it has passed.
    package var remaining: Duration { since(.now()) }
}

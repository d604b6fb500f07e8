import Synchronization

/// Something that happens once and that others wait for.
final class Signal: Sendable {
    private let isGiven = Mutex(false)

    func give() { isGiven.withLock { $0 = true } }

    /// Until it is given; or until the task is cancelled, so that a test whose time is over ends.
    func wait() async {
        while !isGiven.withLock({ $0 }), (try? await Task.sleep(for: .milliseconds(2))) != nil {}
    }
}

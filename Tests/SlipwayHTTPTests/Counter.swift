import Synchronization

/// Something that grows, and that others wait for.
final class Counter: Sendable {
    private let count = Mutex(0)

    func add(_ more: Int) { count.withLock { $0 += more } }

    /// Until it has come to `count`; or until the task is cancelled, so that a test whose time is over ends.
    func wait(for count: Int) async {
        while self.count.withLock({ $0 }) < count, (try? await Task.sleep(for: .milliseconds(2))) != nil {}
    }
}

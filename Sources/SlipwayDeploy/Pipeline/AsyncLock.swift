/// One at a time per key, in the order of asking: a mirror is fetched into by one job, a commit built by one.
///
/// The body of whoever holds the key runs in its own task, so that a cancelled waiter gives its place up at once.
package actor AsyncLock<Key: Hashable & Sendable> {
    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Void, any Error>
    }

    private var held: Set<Key> = []
    private var waiters: [Key: [Waiter]] = [:]
    private var nextID = 0

    package init() {}

    /// - Throws: what `body` throws; `CancellationError` when the task is cancelled while it waits.
    package func withLock<Result: Sendable>(
        _ key: Key, _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await acquire(key)
        defer { release(key) }
        return try await body()
    }

    private func acquire(_ key: Key) async throws {
        try Task.checkCancellation()
        guard !held.insert(key).inserted else { return }
        nextID += 1
        let id = nextID
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // The cancellation may have come before this waiter was in the list.
                guard !Task.isCancelled else {
                    continuation.resume(throwing: CancellationError())
                    return
                }
                waiters[key, default: []].append(Waiter(id: id, continuation: continuation))
            }
        } onCancel: {
            Task { await self.giveUp(id, key) }
        }
    }

    private func giveUp(_ id: Int, _ key: Key) {
        guard let index = waiters[key]?.firstIndex(where: { $0.id == id }) else { return }
        waiters[key]?.remove(at: index).continuation.resume(throwing: CancellationError())
    }

    private func release(_ key: Key) {
        guard var queue = waiters[key], !queue.isEmpty else {
            held.remove(key)
            waiters[key] = nil
            return
        }
        let next = queue.removeFirst()
        waiters[key] = queue
        // The key stays held; it changes hands.
        next.continuation.resume()
    }
}

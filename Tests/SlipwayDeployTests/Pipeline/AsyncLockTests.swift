import Synchronization
import Testing

@testable import SlipwayDeploy

struct AsyncLockTests {
    private struct Failure: Error {}

    private final class Inside: Sendable {
        let count = Mutex(0)
    }

    @Test func `one at a time for a key, another key beside it`() async throws {
        let lock = AsyncLock<String>()
        let inside = Inside()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await lock.withLock("a") {
                        #expect(
                            inside.count.withLock {
                                $0 += 1; return $0
                            } == 1)
                        await Task.yield()
                        inside.count.withLock { $0 -= 1 }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await lock.withLock("a") { try await lock.withLock("b") {} }
    }

    @Test func `a cancelled waiter gives its place up, an error frees the key`() async throws {
        let lock = AsyncLock<String>()
        try await lock.withLock("a") {
            let waiter = Task { try await lock.withLock("a") {} }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
        }
        await #expect(throws: Failure.self) { try await lock.withLock("a") { throw Failure() } }
        try await lock.withLock("a") {}
    }
}

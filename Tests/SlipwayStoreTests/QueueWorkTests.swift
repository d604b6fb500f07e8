import GRDB
import GRDBSQLite
import SlipwayBase
import SlipwayCore
import StoreConformance
import Synchronization
import TestSamples
import Testing

@testable import SlipwayStore

/// What the queue costs must not grow with the jobs that wait or have ended. It is counted in instructions of SQLite's
/// machine, which are the same on every computer.
struct QueueWorkTests {
    /// What was asked of the queue, and how many instructions it took.
    private typealias Work = [(what: String, count: Int)]

    @Test func `costs the same with ten times as many jobs that wait and have ended`() async throws {
        let few = try await work(queued: 1_000, ended: 2_000)
        let many = try await work(queued: 10_000, ended: 20_000)
        for (few, many) in zip(few, many) {
            print("\(few.what): \(few.count) instructions, and \(many.count) with ten times as many jobs")
            #expect(few.count > 0)
            // A way that passes over all of them would cost nearly ten times as much.
            #expect(Double(many.count) < 1.5 * Double(few.count), "\(few.what)")
        }
    }

    /// Of 50 apps, each with jobs of one target and with tests.
    private func work(queued: Int, ended: Int) async throws -> Work {
        let store = try SQLiteStore.inMemory(feed: Feed())
        try await store.write { db, _ in
            try db.execute(
                sql: """
                    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
                    INSERT INTO jobs (app, target, trigger_kind, ref, delivery, commit_message, fresh, state, priority,
                        supersedable, created_at, started_at, finished_at)
                    SELECT 'app' || (n % 50), 'production', 'push', 'refs/heads/main', 'old', 'message', 0, 'succeeded',
                        1, 1, n, n, n FROM numbers
                    """, arguments: [ended])
        }
        let plans = (1...queued).map {
            Plan.sample("app\($0 % 50)", $0 % 2 == 0 ? nil : "production", ref: "refs/heads/b\($0)", commit: $0)
        }
        _ = try await store.record(.sample(), .plans(plans), repository: nil)
        #expect(try await store.queue().queuedCount == queued)

        let counter = Counter()
        try await store.write { db, _ in counter.watch(db) }
        var work: Work = []
        func measure<Value>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
            let before = counter.count
            let value = try await body()
            work.append((what, counter.count - before))
            return value
        }
        for number in 1...25 {
            #expect(try await measure("claim \(number)") { try await store.claimJob(slots: 1000) } != nil)
        }
        #expect(try await measure("claim without a slot") { try await store.claimJob(slots: 25) } == nil)
        // Every target that queues is busy, so the claim goes past all of its jobs to the first test.
        let past = try await measure("claim past busy targets") { try await store.claimJob(slots: 1000) }
        #expect(past?.plan.app != nil && past?.plan.target == nil)
        let own = try await measure("a page of an app") { try await store.jobs(JobFilter(app: "app7")) }
        #expect(own.count == 50)
        let page = try await measure("a page of ended jobs") {
            try await store.jobs(JobFilter(states: [.succeeded, .failed, .cancelled]))
        }
        #expect(page.count == 50)
        try await measure("record a push") {
            _ = try await store.ask(.sample("app7", ref: "refs/heads/b1", commit: 77))
        }
        // Every target is held as well: its jobs are passed over.
        for number in 0..<50 {
            try await store.pause(app: "app\(number)", target: "production", by: "ana")
            try await store.lock(app: "app\(number)", target: "production", by: "ana", reason: "moving")
        }
        let held = try await measure("claim past held targets") { try await store.claimJob(slots: 1000) }
        #expect(held?.plan.app != nil && held?.plan.target == nil)
        try await store.close()
        return work
    }
}

/// Counts what the machine of one connection does.
private final class Counter: Sendable {
    private let instructions = Mutex(0)

    var count: Int { instructions.withLock { $0 } }

    /// The connection must not outlive the counter.
    func watch(_ db: Database) {
        sqlite3_progress_handler(
            db.sqliteConnection, 1,
            { counter in
                if let counter {
                    Unmanaged<Counter>.fromOpaque(counter).takeUnretainedValue().instructions.withLock { $0 += 1 }
                }
                return 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }
}

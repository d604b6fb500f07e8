import Foundation
import GRDB
import SlipwayBase
import SlipwayCore
import SlipwayStore
import StoreConformance
import Testing

struct ClaimTests {
    let bench = Bench()

    @Test func `stays fast with 10,000 queued and 100,000 ended jobs`() async throws {
        let store = try await bench.open()
        let outside = try DatabaseQueue(path: bench.file("slipway.db").path)
        try await outside.write { db in
            try db.execute(
                sql: """
                    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
                    INSERT INTO jobs (app, target, trigger_kind, ref, delivery, commit_message, fresh, state, priority,
                        supersedable, created_at, started_at, finished_at)
                    SELECT 'app' || n % 50, 'production', 'push', 'refs/heads/main', 'old', 'message', 0, 'succeeded',
                        1, 1, n, n, n FROM numbers
                    """)
        }
        try outside.close()
        let plans = try (1...10_000).map {
            try plan("app\($0 % 50)", $0 % 2 == 0 ? nil : "production", ref: "refs/heads/b\($0)", commit: $0)
        }
        _ = try await store.record(delivery(), .plans(plans), repository: nil)
        #expect(try await store.queue().queuedCount == 10_000)
        var times: [Duration] = []
        for _ in 1...25 {
            let claim = try await timed { try await store.claimJob(slots: 1000) }
            #expect(claim.value != nil)
            times.append(claim.time)
        }
        let full = try await timed { try await store.claimJob(slots: 25) }
        #expect(full.value == nil)
        // Every target that queues is busy, so the claim goes past all 5,000 of its jobs to the first test.
        let past = try await timed { try await store.claimJob(slots: 1000) }
        #expect(past.value?.plan.app != nil && past.value?.plan.target == nil)
        let page = try await timed { try await store.jobs(JobFilter(app: "app7")) }
        #expect(page.value.count == 50)
        let ended = try await timed { try await store.jobs(JobFilter(states: [.succeeded, .failed, .cancelled])) }
        #expect(ended.value.count == 50)
        let record = try await timed { try await store.ask(try plan("app7", ref: "refs/heads/b1", commit: 77)) }
        // Every target is held as well: 5,000 jobs are asked about, and passed over.
        for number in 0..<50 {
            _ = try await store.pause(app: "app\(number)", target: "production", by: "ana")
            _ = try await store.lock(app: "app\(number)", target: "production", by: "ana", reason: "moving")
        }
        let held = try await timed { try await store.claimJob(slots: 1000) }
        #expect(held.value?.plan.app != nil && held.value?.plan.target == nil)
        let typical = times.sorted()[12]
        print(
            "10,000 queued, 100,000 ended: claim \(typical), no slot \(full.time), past busy targets \(past.time), "
                + "past held targets \(held.time), record \(record.time), a page of history \(page.time), of ended jobs \(ended.time)"
        )
    }

    private func timed<Value>(_ body: () async throws -> Value) async throws -> (value: Value, time: Duration) {
        let start = ContinuousClock.now
        let value = try await body()
        return (value, start.duration(to: .now))
    }
}

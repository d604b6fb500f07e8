import Foundation
import GRDB
import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

struct ClaimTests {
    let bench = Bench()

    @Test func `rollbacks go before manual deploys, those before pushes, tests last, the older first`() async throws {
        let store = try await bench.open()
        let plans = [
            try plan("a", nil), try plan("b"), try plan("c"), try plan("d", "x", .deploy), try plan("e", "x", .retry),
            try plan("f", "x", .rollback), try plan("g", "x", .tag, ref: "refs/tags/v1"),
        ]
        for plan in plans { _ = try await store.queueJob(plan) }
        let order = try await store.queue().queued
        var claimed: [Job] = []
        while let job = try await store.claimJob() { claimed.append(job) }
        #expect(claimed.map(\.plan.app) == ["f", "d", "e", "b", "c", "g", "a"])
        #expect(claimed.map(\.id) == order)
        #expect(claimed.allSatisfy { $0.state == .running && $0.startedAt != nil })
    }

    @Test func `a claimed job has its steps`() async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(try plan())
        let job = try #require(
            try await store.claim(slots: 1) { $0.target == nil ? [.test] : [.checkout, .test, .build, .push] })
        #expect(job.steps.map(\.name) == [.checkout, .test, .build, .push])
        #expect(job.steps.allSatisfy { $0.state == .waiting })
        #expect(try await store.job(job.id)?.steps.count == 4)
    }

    @Test func `a target runs one job at a time`() async throws {
        let store = try await bench.open()
        let first = try await store.queueJob(try plan(commit: 1))
        #expect(try await store.claimJob()?.id == first.id)
        let second = try await store.queueJob(try plan(commit: 2))
        let other = try await store.queueJob(try plan("shop", "homolog", commit: 2))
        #expect(try await store.claimJob()?.id == other.id)
        #expect(try await store.claimJob() == nil)
        try await store.finish(first.id, as: .succeeded, reason: nil)
        #expect(try await store.claimJob()?.id == second.id)
    }

    @Test func `no more jobs run than there are slots`() async throws {
        let store = try await bench.open()
        for app in ["a", "b", "c"] { _ = try await store.queueJob(try plan(app)) }
        _ = try #require(try await store.claimJob(slots: 2))
        _ = try #require(try await store.claimJob(slots: 2))
        #expect(try await store.claimJob(slots: 2) == nil)
        #expect(try await store.claimJob(slots: 3) != nil)
    }

    @Test func `claims at the same time get different jobs`() async throws {
        let store = try await bench.open()
        for number in 1...20 { _ = try await store.queueJob(try plan("app\(number)")) }
        let claimed = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for _ in 1...30 { group.addTask { try await store.claimJob(slots: 100)?.id } }
            return try await group.reduce(into: [JobID]()) { if let id = $1 { $0.append(id) } }
        }
        #expect(claimed.count == 20)
        #expect(Set(claimed).count == 20)
    }

    @Test func `a job that a lock holds takes no other's slot`() async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(try plan())
        _ = try #require(try await store.claimJob(slots: 1))
        let other = try await store.queueJob(try plan("shop", "homolog"))
        #expect(try await store.claimJob(slots: 1) == nil)
        _ = try await store.lock(app: "shop", target: "production", by: "ana", reason: "a move")
        #expect(try await store.claimJob(slots: 1) == nil, "it still builds")
        try await store.explain(1, "the target is locked by ana: a move")
        #expect(try await store.claimJob(slots: 1)?.id == other.id)
    }

    @Test func `the only slot is for tests too`() async throws {
        let store = try await bench.open()
        let test = try await store.queueJob(try plan("shop", nil))
        #expect(try await store.claimJob(slots: 1)?.id == test.id)
    }

    @Test func `five hundred tests do not block a deploy`() async throws {
        let store = try await bench.open()
        let tests = try (1...500).map { (number: Int) in
            try plan("shop", nil, ref: "refs/heads/b\(number)", commit: number)
        }
        _ = try await store.record(delivery(), .plans(tests), repository: nil)
        #expect(try await store.claimJob(slots: 2) != nil)
        #expect(try await store.claimJob(slots: 2) == nil, "the last slot is kept for a deploy")
        let deploy = try await store.queueJob(try plan(commit: 501))
        #expect(try await store.claimJob(slots: 2)?.id == deploy.id)
        try await store.finish(deploy.id, as: .succeeded, reason: nil)
        #expect(try await store.claimJob(slots: 2) == nil)
        #expect(try await store.queue().queuedCount == 499)
        #expect(try await store.queue().queued.count == 100)
    }

    @Test func `a claim looks once at each target, however many jobs wait there`() async throws {
        let store = try await bench.open()
        for app in ["a", "b", "c"] {
            for target in ["x", "y", nil] {
                for number in 1...3 {
                    _ = try await store.queueJob(try plan(app, target, ref: "refs/heads/b\(number)", commit: number))
                }
            }
        }
        // By hand, at the last target and at one that is paused.
        let manual = try await store.queueJob(try plan("c", "y", .deploy, commit: 9))
        let paused = try await store.queueJob(try plan("b", "x", .deploy, commit: 9))
        _ = try await store.lock(app: "a", target: "x", by: "ana", reason: "moving")
        _ = try await store.pause(app: "b", target: "x", by: "ana")
        var order: [String] = []
        while let job = try await store.claimJob(slots: 8) {
            order.append("\(job.plan.app) \(job.plan.target ?? "tests")")
            if job.id == manual.id || job.id == paused.id {
                try await store.finish(job.id, as: .succeeded, reason: nil)
            }
        }
        #expect(order == ["c y", "b x", "a y", "b y", "c x", "c y", "a tests", "a tests", "a tests", "b tests"])
    }

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

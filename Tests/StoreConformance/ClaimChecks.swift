import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct ClaimChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("rollbacks go before manual deploys, those before pushes, tests last, the older first") {
            try await Self(bench: $0)
                .`rollbacks go before manual deploys, those before pushes, tests last, the older first`()
        }
        list.add("a claimed job has its steps") { try await Self(bench: $0).`a claimed job has its steps`() }
        list.add("a target runs one job at a time") { try await Self(bench: $0).`a target runs one job at a time`() }
        list.add("no more jobs run than there are slots") {
            try await Self(bench: $0).`no more jobs run than there are slots`()
        }
        list.add("claims at the same time get different jobs") {
            try await Self(bench: $0).`claims at the same time get different jobs`()
        }
        list.add("a job that a lock holds takes no other's slot") {
            try await Self(bench: $0).`a job that a lock holds takes no other's slot`()
        }
        list.add("the only slot is for tests too") { try await Self(bench: $0).`the only slot is for tests too`() }
        list.add("five hundred tests do not block a deploy") {
            try await Self(bench: $0).`five hundred tests do not block a deploy`()
        }
        list.add("a claim looks once at each target, however many jobs wait there") {
            try await Self(bench: $0).`a claim looks once at each target, however many jobs wait there`()
        }
    }

    func `rollbacks go before manual deploys, those before pushes, tests last, the older first`() async throws {
        let store = try await bench.open()
        let plans = [
            Plan.sample("a", nil), .sample("b"), .sample("c"), .sample("d", "x", .deploy), .sample("e", "x", .retry),
            .sample("f", "x", .rollback), .sample("g", "x", .tag, ref: "refs/tags/v1"),
        ]
        for plan in plans { _ = try await store.queueJob(plan) }
        let order = try await store.queue().queued
        var claimed: [Job] = []
        while let job = try await store.claimJob() { claimed.append(job) }
        #expect(claimed.map(\.plan.app) == ["f", "d", "e", "b", "c", "g", "a"])
        #expect(claimed.map(\.id) == order)
        #expect(claimed.allSatisfy { $0.state == .running && $0.startedAt != nil })
    }

    func `a claimed job has its steps`() async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(.sample())
        let job = try #require(
            try await store.claim(slots: 1) { $0.target == nil ? [.test] : [.checkout, .test, .build, .push] })
        #expect(job.steps.map(\.name) == [.checkout, .test, .build, .push])
        #expect(job.steps.allSatisfy { $0.state == .waiting })
        #expect(try await store.job(job.id)?.steps.count == 4)
    }

    func `a target runs one job at a time`() async throws {
        let store = try await bench.open()
        let first = try await store.queueJob(.sample(commit: 1))
        #expect(try await store.claimJob()?.id == first.id)
        let second = try await store.queueJob(.sample(commit: 2))
        let other = try await store.queueJob(.sample("shop", "homolog", commit: 2))
        #expect(try await store.claimJob()?.id == other.id)
        #expect(try await store.claimJob() == nil)
        try await store.finish(first.id, as: .succeeded, reason: nil)
        #expect(try await store.claimJob()?.id == second.id)
    }

    func `no more jobs run than there are slots`() async throws {
        let store = try await bench.open()
        for app in ["a", "b", "c"] { _ = try await store.queueJob(.sample(app)) }
        _ = try #require(try await store.claimJob(slots: 2))
        _ = try #require(try await store.claimJob(slots: 2))
        #expect(try await store.claimJob(slots: 2) == nil)
        #expect(try await store.claimJob(slots: 3) != nil)
    }

    func `claims at the same time get different jobs`() async throws {
        let store = try await bench.open()
        for number in 1...20 { _ = try await store.queueJob(.sample("app\(number)")) }
        let claimed = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for _ in 1...30 { group.addTask { try await store.claimJob(slots: 100)?.id } }
            return try await group.reduce(into: [JobID]()) { if let id = $1 { $0.append(id) } }
        }
        #expect(claimed.count == 20)
        #expect(Set(claimed).count == 20)
    }

    func `a job that a lock holds takes no other's slot`() async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(.sample())
        _ = try #require(try await store.claimJob(slots: 1))
        let other = try await store.queueJob(.sample("shop", "homolog"))
        #expect(try await store.claimJob(slots: 1) == nil)
        _ = try await store.lock(app: "shop", target: "production", by: "ana", reason: "a move")
        #expect(try await store.claimJob(slots: 1) == nil, "it still builds")
        try await store.explain(1, "the target is locked by ana: a move")
        #expect(try await store.claimJob(slots: 1)?.id == other.id)
    }

    func `the only slot is for tests too`() async throws {
        let store = try await bench.open()
        let test = try await store.queueJob(.sample("shop", nil))
        #expect(try await store.claimJob(slots: 1)?.id == test.id)
    }

    func `five hundred tests do not block a deploy`() async throws {
        let store = try await bench.open()
        let tests = (1...500).map { (number: Int) in
            Plan.sample("shop", nil, ref: "refs/heads/b\(number)", commit: number)
        }
        _ = try await store.record(.sample(), .plans(tests), repository: nil)
        #expect(try await store.claimJob(slots: 2) != nil)
        #expect(try await store.claimJob(slots: 2) == nil, "the last slot is kept for a deploy")
        let deploy = try await store.queueJob(.sample(commit: 501))
        #expect(try await store.claimJob(slots: 2)?.id == deploy.id)
        try await store.finish(deploy.id, as: .succeeded, reason: nil)
        #expect(try await store.claimJob(slots: 2) == nil)
        #expect(try await store.queue().queuedCount == 499)
        #expect(try await store.queue().queued.count == 100)
    }

    func `a claim looks once at each target, however many jobs wait there`() async throws {
        let store = try await bench.open()
        for app in ["a", "b", "c"] {
            for target in ["x", "y", nil] {
                for number in 1...3 {
                    _ = try await store.queueJob(.sample(app, target, ref: "refs/heads/b\(number)", commit: number))
                }
            }
        }
        // By hand, at the last target and at one that is paused.
        let manual = try await store.queueJob(.sample("c", "y", .deploy, commit: 9))
        let paused = try await store.queueJob(.sample("b", "x", .deploy, commit: 9))
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
}

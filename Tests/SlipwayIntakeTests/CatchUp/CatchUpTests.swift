import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import Synchronization
import TestLogs
import TestSupport
import Testing

@testable import SlipwayIntake

@Suite(.endsIfItHangs) struct CatchUpTests {
    @Test func `the first look deploys nothing, the next what has moved, and each only once`() async throws {
        let bench = try await CatchUpBench()
        try bench.tips.put(["refs/heads/main": 1, "refs/tags/v1": 1])
        await bench.look()
        #expect(try await bench.jobs().isEmpty)
        #expect(
            bench.told == [
                "shop: 2 branches and tags are as they are; what is pushed from now on is deployed"
            ])
        // Two pushes and two tags later.
        try bench.tips.put([
            "refs/heads/main": 3, "refs/heads/idea": 3, "refs/tags/v1": 1, "refs/tags/v2": 2, "refs/tags/x": 2,
        ])
        await bench.look()
        let jobs = ["1 catch-up refs/heads/main 3333333", "2 catch-up refs/tags/v2 2222222"]
        #expect(try await bench.jobs() == jobs)
        let job = try #require(try await bench.bench.store.job(1))
        #expect(
            bench.delivered.first
                == "delivery app=shop commit=\(CatchUpBench.commit(3)) decision=queued "
                + "delivery=\(job.plan.trigger.delivery) event=catch-up jobs=1 ref=refs/heads/main source=catch-up "
                + "target=production")
        #expect(bench.delivered.count == 2)
        #expect(job.plan.trigger.by == nil)
        #expect(
            try await bench.bench.store.body(delivery: job.plan.trigger.delivery).map {
                String(decoding: $0, as: UTF8.self)
            }
                == #"{"app":"shop","from":"\#(CatchUpBench.commit(1))","ref":"refs/heads/main","to":"\#(CatchUpBench.commit(3))"}"#
        )
        await bench.look()
        #expect(try await bench.jobs() == jobs)
        #expect(bench.reported.isEmpty)
    }

    @Test func `what a delivery has deployed is not deployed again`() async throws {
        let bench = try await CatchUpBench()
        try bench.tips.put(["refs/heads/main": 1])
        await bench.look()
        let push = try IntakeBench.delivery("push", Array(CatchUpBench.push("refs/heads/main", 2).utf8))
        #expect(await bench.bench.router().respond(to: push).status == .accepted)
        try bench.tips.put(["refs/heads/main": 2])
        await bench.look()
        #expect(try await bench.jobs() == ["1 push refs/heads/main 2222222"])
    }

    @Test func `a branch that goes back and forth is deployed each time, and one that is made again too`() async throws
    {
        let bench = try await CatchUpBench()
        let places: [KeyValuePairs<String, Int>] = [
            ["refs/heads/main": 1], ["refs/heads/main": 2], ["refs/heads/main": 1], ["refs/heads/main": 2], [:],
            ["refs/heads/main": 1],
        ]
        for tips in places {
            try bench.tips.put(tips)
            await bench.look()
        }
        #expect(try await bench.jobs().map { $0.suffix(1) } == ["2", "1", "2", "1"])
    }

    @Test func `a repository that cannot be asked is said once, and holds up no other`() async throws {
        var docs = CatchUpBench.shop
        docs.name = "docs"
        let bench = try await CatchUpBench(apps: [docs, CatchUpBench.shop])
        try bench.tips.put(["refs/heads/main": 1])
        await bench.look()
        try bench.tips.put(["refs/heads/main": 2])
        await bench.look()
        #expect(try await bench.jobs() == ["1 catch-up refs/heads/main 2222222"])
        let begun = "catch-up for docs fails, and is tried again until it works: the repository is down"
        #expect(bench.reported == [begun])
        try bench.tips.put(["refs/heads/main": 2], app: "docs")
        await bench.look()
        #expect(bench.reported == [begun, "catch-up for docs works again"])
        #expect(try await bench.jobs().count == 1)
    }

    @Test func `looks every few minutes, not in step with others`() async throws {
        let bench = try await CatchUpBench()
        try bench.tips.put([:])
        for _ in 1...5 { await bench.look() }
        let pauses = bench.clock.pauses.withLock { $0 }
        #expect(pauses.allSatisfy { (.seconds(270) ... .seconds(330)).contains($0) })
        #expect(Set(pauses).count > 1)
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

/// `waitForWork` and the changes that end it.
@Suite(.timeLimit(.minutes(1)))
struct WorkTests {
    let bench = Bench()

    @Test func `what an earlier run left is work`() async throws {
        try await bench.open().waitForWork()
    }

    @Test func `a job that arrives before the wait ends it`() async throws {
        let store = try await bench.open()
        await store.waitForWork()
        #expect(try await store.claimJob() == nil)
        _ = try await store.queueJob(try plan())
        await store.waitForWork()
        #expect(try await store.claimJob() != nil)
    }

    @Test func `a job that ends is work, because its target is free`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(try plan())
        _ = try await store.claimJob()
        await store.waitForWork()
        try await store.finish(job.id, as: .succeeded, reason: nil)
        await store.waitForWork()
    }

    @Test func `a push that a person asks for, too, is work, because its target may be paused`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(try plan())
        await store.waitForWork()
        _ = try await store.pause(app: job.plan.app, target: try #require(job.plan.target), by: "ops")
        #expect(try await store.claimJob() == nil)
        var wish = job.plan
        wish.trigger.kind = .deploy
        wish.trigger.delivery = "by-hand"
        guard case .joined = try await store.ask(wish) else { throw Unexpected(what: "it joined nothing") }
        await store.waitForWork()
        #expect(try await store.claimJob()?.id == job.id)
    }

    @Test func `a worker that only waits and claims gets every job`() async throws {
        let store = try await bench.open()
        async let recorded: Void = withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...200 { group.addTask { _ = try await store.queueJob(try plan("app\(number)")) } }
            try await group.waitForAll()
        }
        var claimed = 0
        while claimed < 200 {
            while try await store.claimJob(slots: 1000) != nil { claimed += 1 }
            if claimed < 200 { await store.waitForWork() }
        }
        try await recorded
    }

    @Test func `a cancelled wait ends and takes no signal`() async throws {
        let store = try await bench.open()
        await store.waitForWork()
        let waits = Task { await store.waitForWork() }
        waits.cancel()
        await waits.value
        _ = try await store.queueJob(try plan())
        let late = Task {
            try? await Task.sleep(for: .seconds(60))
            await store.waitForWork()
        }
        late.cancel()
        await late.value
        await store.waitForWork()
    }
}

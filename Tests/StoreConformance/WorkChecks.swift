import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

/// `waitForWork` and the changes that end it.
struct WorkChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("what an earlier run left is work") { try await Self(bench: $0).`what an earlier run left is work`() }
        list.add("a job that arrives before the wait ends it") {
            try await Self(bench: $0).`a job that arrives before the wait ends it`()
        }
        list.add("a job that ends is work, because its target is free") {
            try await Self(bench: $0).`a job that ends is work, because its target is free`()
        }
        list.add("a push that a person asks for, too, is work, because its target may be paused") {
            try await Self(bench: $0).`a push that a person asks for, too, is work, because its target may be paused`()
        }
        list.add("a worker that only waits and claims gets every job") {
            try await Self(bench: $0).`a worker that only waits and claims gets every job`()
        }
        list.add("a cancelled wait ends and takes no signal") {
            try await Self(bench: $0).`a cancelled wait ends and takes no signal`()
        }
    }

    func `what an earlier run left is work`() async throws {
        try await bench.open().waitForWork()
    }

    func `a job that arrives before the wait ends it`() async throws {
        let store = try await bench.open()
        await store.waitForWork()
        #expect(try await store.claimJob() == nil)
        _ = try await store.queueJob(.sample())
        await store.waitForWork()
        #expect(try await store.claimJob() != nil)
    }

    func `a job that ends is work, because its target is free`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample())
        _ = try await store.claimJob()
        await store.waitForWork()
        try await store.finish(job.id, as: .succeeded, reason: nil)
        await store.waitForWork()
    }

    func `a push that a person asks for, too, is work, because its target may be paused`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample())
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

    func `a worker that only waits and claims gets every job`() async throws {
        let store = try await bench.open()
        async let recorded: Void = withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...200 { group.addTask { _ = try await store.queueJob(.sample("app\(number)")) } }
            try await group.waitForAll()
        }
        var claimed = 0
        while claimed < 200 {
            while try await store.claimJob(slots: 1000) != nil { claimed += 1 }
            if claimed < 200 { await store.waitForWork() }
        }
        try await recorded
    }

    func `a cancelled wait ends and takes no signal`() async throws {
        let store = try await bench.open()
        await store.waitForWork()
        let waits = Task { await store.waitForWork() }
        waits.cancel()
        await waits.value
        _ = try await store.queueJob(.sample())
        let late = Task {
            try? await Task.sleep(for: .seconds(60))
            await store.waitForWork()
        }
        late.cancel()
        await late.value
        await store.waitForWork()
    }
}

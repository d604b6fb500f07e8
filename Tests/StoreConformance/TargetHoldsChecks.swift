import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct TargetHoldsChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("no job of a locked target starts, whoever asked for it, also after a restart", restarts: true) {
            try await Self(bench: $0).`no job of a locked target starts, whoever asked for it, also after a restart`()
        }
        list.add("a paused target runs only what was asked for by hand") {
            try await Self(bench: $0).`a paused target runs only what was asked for by hand`()
        }
        list.add("a rollback that succeeds pauses its target until it is resumed, also after a restart", restarts: true)
        {
            try await Self(bench: $0)
                .`a rollback that succeeds pauses its target until it is resumed, also after a restart`()
        }
        list.add("a rollback that a start finds failed pauses too, for its release had begun") {
            try await Self(bench: $0).`a rollback that a start finds failed pauses too, for its release had begun`()
        }
        list.add("only a rollback that succeeds pauses, and the latest one says so") {
            try await Self(bench: $0).`only a rollback that succeeds pauses, and the latest one says so`()
        }
        list.add("rollbacks are jobs of their own, which no push supersedes or joins") {
            try await Self(bench: $0).`rollbacks are jobs of their own, which no push supersedes or joins`()
        }
        for isLock in ([true, false] as [Bool]) {
            list.add("work that may go on wakes whoever waits for it: \(isLock)") {
                try await Self(bench: $0).`work that may go on wakes whoever waits for it`(isLock: isLock)
            }
        }
    }

    private func rollback(_ target: String = "production", to job: JobID = 1) throws -> Plan {
        Plan.sample("shop", target, .rollback, ref: "job \(job)")
    }

    func `no job of a locked target starts, whoever asked for it, also after a restart`() async throws {
        let store = try await bench.open()
        for plan in [Plan.sample(), .sample("shop", "production", .deploy, ref: "v1"), try rollback()] {
            _ = try await store.queueJob(plan)
        }
        #expect(try await store.lock(app: "shop", target: "production", by: "ana", reason: "moving"))
        let lock = try #require(try await store.holds()["shop", "production"].lock)
        #expect(lock.by == "ana" && lock.reason == "moving")
        // Who was first stays.
        #expect(try await !store.lock(app: "shop", target: "production", by: "ben", reason: "later"))
        #expect(try await store.holds()["shop", "production"].lock == lock)
        #expect(try await store.claimJob() == nil)
        let elsewhere = try await store.queueJob(.sample("shop", "homolog"))
        let test = try await store.queueJob(.sample("shop", nil))
        #expect(try await store.claimJob()?.id == elsewhere.id)
        #expect(try await store.claimJob()?.id == test.id)
        try await store.close()

        let again = try await bench.open()
        #expect(try await again.holds()["shop", "production"].lock == lock)
        #expect(try await again.claimJob() == nil)
        #expect(try await again.job(1)?.reason == "the target is locked by ana: moving")
        #expect(try await again.unlock(app: "shop", target: "production"))
        #expect(try await again.holds()["shop", "production"].lock == nil)
        #expect(try await again.claimJob()?.plan.trigger.kind == .rollback)
        #expect(try await again.job(1)?.reason == "job 3 is running at the target")
        // A target that is not locked stays so.
        #expect(try await !again.unlock(app: "shop", target: "production"))
    }

    func `a paused target runs only what was asked for by hand`() async throws {
        let store = try await bench.open()
        let pushed = try await store.queueJob(.sample())
        #expect(try await store.pause(app: "shop", target: "production", by: "ana"))
        let pause = try #require(try await store.holds()["shop", "production"].pause)
        #expect(pause.by == "ana" && pause.rollback == nil)
        #expect(try await !store.pause(app: "shop", target: "production", by: "ben"))
        #expect(try await store.holds()["shop", "production"].pause == pause)
        #expect(try await store.claimJob() == nil)
        #expect(try await store.job(pushed.id)?.reason == "the target is paused by ana")
        let asked = try await store.queueJob(.sample("shop", "production", .deploy, ref: "v1"))
        #expect(try await store.claimJob()?.id == asked.id)
        try await store.finish(asked.id, as: .succeeded, reason: nil)
        #expect(try await store.claimJob() == nil)
        // Asked for by hand, the push's own job runs too.
        _ = try await store.ask(.sample("shop", "production", .deploy))
        #expect(try await store.job(pushed.id)?.reason == nil)
        #expect(try await store.claimJob()?.id == pushed.id)
        try await store.finish(pushed.id, as: .succeeded, reason: nil)
        _ = try await store.resume(app: "shop", target: "production")
        let next = try await store.queueJob(.sample(commit: 2))
        #expect(try await store.claimJob()?.id == next.id)
    }

    func `a rollback that succeeds pauses its target until it is resumed, also after a restart`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(try rollback())
        _ = try #require(try await store.claimJob())
        let pushed = try await store.queueJob(.sample(commit: 2))
        try await store.finish(job.id, as: .succeeded, reason: nil)
        let pause = try #require(try await store.holds()["shop", "production"].pause)
        #expect(pause.by == "ana" && pause.rollback == job.id)
        #expect(try await store.claimJob() == nil)
        try await store.close()

        let again = try await bench.open()
        #expect(try await again.holds()["shop", "production"].pause == pause)
        #expect(try await again.claimJob() == nil)
        #expect(try await again.job(pushed.id)?.reason == "the target is paused after the rollback by job \(job.id)")
        _ = try await again.resume(app: "shop", target: "production")
        #expect(try await again.job(pushed.id)?.reason == nil)
        #expect(try await again.claimJob()?.id == pushed.id)
    }

    func `a rollback that a start finds failed pauses too, for its release had begun`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(try rollback())
        _ = try await store.claimJob()
        try await store.update(Step(name: .release, state: .failed, startedAt: .now()), of: job.id)
        let pushed = try await store.queueJob(.sample())
        #expect(try await store.recoverJobs().map(\.state) == [.failed])
        #expect(try await store.claimJob() == nil)
        #expect(try await store.job(pushed.id)?.reason == "the target is paused after the rollback by job \(job.id)")
    }

    func `only a rollback that succeeds pauses, and the latest one says so`() async throws {
        let store = try await bench.open()
        for (plan, end) in [(.sample(), Job.State.succeeded), (try rollback(), .failed), (try rollback(), .cancelled)] {
            let job = try await store.queueJob(plan)
            _ = try #require(try await store.claimJob())
            try await store.finish(job.id, as: end, reason: nil)
            #expect(try await store.holds()["shop", "production"].pause == nil)
        }
        _ = try await store.pause(app: "shop", target: "production", by: "ben")
        let job = try await store.queueJob(try rollback())
        _ = try #require(try await store.claimJob())
        try await store.finish(job.id, as: .succeeded, reason: nil)
        #expect(try await store.holds()["shop", "production"].pause?.rollback == job.id)
        #expect(try await store.holds()["shop", "homolog"] == Holds.OnTarget())
    }

    func `rollbacks are jobs of their own, which no push supersedes or joins`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(try rollback(to: 1))
        let other = try await store.queueJob(try rollback(to: 2))
        let pushed = try await store.queueJob(.sample())
        guard case .joined(let joined) = try await store.ask(try rollback(to: 2)) else {
            Issue.record("the same rollback was queued twice")
            return
        }
        #expect(joined.map(\.id) == [other.id])
        #expect(try await store.queue().queued == [job.id, other.id, pushed.id])
    }

    func `work that may go on wakes whoever waits for it`(isLock: Bool) async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample())
        if isLock {
            _ = try await store.lock(app: "shop", target: "production", by: "ana", reason: "moving")
        } else {
            _ = try await store.pause(app: "shop", target: "production", by: "ana")
        }
        await store.waitForWork()
        #expect(try await store.claimJob() == nil)
        async let waiting: Void = store.waitForWork()
        if isLock {
            _ = try await store.unlock(app: "shop", target: "production")
        } else {
            _ = try await store.resume(app: "shop", target: "production")
        }
        await waiting
        #expect(try await store.claimJob()?.id == job.id)
    }
}

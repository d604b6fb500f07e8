import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

/// Joining and superseding.
struct EnqueueChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("a plan joins the job that already deploys its commit there") {
            try await Self(bench: $0).`a plan joins the job that already deploys its commit there`()
        }
        list.add("an automatic plan joins the job whose deploy of its commit is live") {
            try await Self(bench: $0).`an automatic plan joins the job whose deploy of its commit is live`()
        }
        for kind in ([Trigger.Kind.deploy, .rollback, .retry] as [Trigger.Kind]) {
            list.add("what a person asks for is done again: \(kind)") {
                try await Self(bench: $0).`what a person asks for is done again`(kind: kind)
            }
        }
        list.add("joins what is live no longer where another commit is, or is on its way, or may be") {
            try await Self(bench: $0)
                .`joins what is live no longer where another commit is, or is on its way, or may be`()
        }
        list.add("a branch that comes back to the commit that is being deployed ends there") {
            try await Self(bench: $0).`a branch that comes back to the commit that is being deployed ends there`()
        }
        list.add("other apps, targets, refs and commits have jobs of their own") {
            try await Self(bench: $0).`other apps, targets, refs and commits have jobs of their own`()
        }
        list.add("some of a delivery's jobs may be new") {
            try await Self(bench: $0).`some of a delivery's jobs may be new`()
        }
        list.add("a release, which names no commit, joins a job that has not looked its tag up yet") {
            try await Self(bench: $0)
                .`a release, which names no commit, joins a job that has not looked its tag up yet`()
        }
        list.add("a release of a tag that was moved does not join the job of where it was") {
            try await Self(bench: $0).`a release of a tag that was moved does not join the job of where it was`()
        }
        list.add("a plan that reuses nothing joins only its like") {
            try await Self(bench: $0).`a plan that reuses nothing joins only its like`()
        }
        list.add("a newer push supersedes the queued pushes of the same target and ref") {
            try await Self(bench: $0).`a newer push supersedes the queued pushes of the same target and ref`()
        }
        list.add("a push leaves a running job to its worker, a deploy supersedes nothing") {
            try await Self(bench: $0).`a push leaves a running job to its worker, a deploy supersedes nothing`()
        }
        list.add("a push that a person has asked for too is no longer superseded") {
            try await Self(bench: $0).`a push that a person has asked for too is no longer superseded`()
        }
        list.add("deliveries that arrive together supersede each other too") {
            try await Self(bench: $0).`deliveries that arrive together supersede each other too`()
        }
    }

    private func joined(_ store: any Store, _ plan: Plan) async throws -> JobID? {
        guard case .joined(let jobs) = try await store.ask(plan) else { return nil }
        return jobs.first?.id
    }

    func `a plan joins the job that already deploys its commit there`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample())
        #expect(try await joined(store, .sample()) == job.id)
        _ = try await store.claimJob()
        #expect(try await joined(store, .sample()) == job.id)
        try await store.finish(job.id, as: .failed, reason: "the tests failed")
        #expect(try await joined(store, .sample()) == nil)
    }

    /// A job of this plan, which has deployed its commit.
    private func deploy(_ store: any Store, _ plan: Plan, _ commit: CommitID, version: Int = 1) async throws
        -> JobID
    {
        let job = try await store.queueJob(plan).id
        _ = try await store.claimJob()
        try await store.update(Step(name: .release, state: .running, startedAt: .now()), of: job)
        try await store.record(
            .sample(job: job, commit: commit, image: "sha256:\(version)", version: version))
        try await store.finish(job, as: .succeeded, reason: nil)
        return job
    }

    func `an automatic plan joins the job whose deploy of its commit is live`() async throws {
        let store = try await bench.open()
        let job = try await deploy(store, .sample(commit: 1), CommitID.sample(1))
        for kind in [Trigger.Kind.push, .catchUp] {
            #expect(try await joined(store, .sample("shop", "production", kind, commit: 1)) == job)
        }
        for other in [
            Plan.sample(commit: 2), .sample(ref: "refs/heads/next"), .sample("shop", "homolog"), .sample("shop", nil),
        ] {
            #expect(try await joined(store, other) == nil)
        }
    }

    func `what a person asks for is done again`(kind: Trigger.Kind) async throws {
        let store = try await bench.open()
        _ = try await deploy(store, .sample(commit: 1), CommitID.sample(1))
        #expect(try await joined(store, .sample("shop", "production", kind, commit: 1)) == nil)
    }

    func `joins what is live no longer where another commit is, or is on its way, or may be`() async throws {
        let store = try await bench.open()
        _ = try await deploy(store, .sample(commit: 1), CommitID.sample(1))
        let other = try await store.queueJob(.sample(commit: 2)).id
        let back = try await store.queueJob(.sample(commit: 1)).id
        #expect(try await store.state(other) == .superseded)
        #expect(try await store.cancelQueued(back, reason: "cancelled by ana"))

        _ = try await deploy(store, .sample(commit: 3), CommitID.sample(3), version: 2)
        let older = try await store.queueJob(.sample(commit: 1))
        #expect(try await store.claimJob()?.id == older.id)
        // It failed before it touched anything: 3 is live still.
        try await store.finish(older.id, as: .failed, reason: "the tests failed")
        #expect(try await joined(store, .sample(commit: 3)) != nil)
        let halfway = try await store.queueJob(.sample(commit: 4)).id
        #expect(try await store.claimJob()?.id == halfway)
        try await store.update(Step(name: .release, state: .running, startedAt: .now()), of: halfway)
        try await store.finish(halfway, as: .failed, reason: "it does not answer")
        #expect(try await joined(store, .sample(commit: 3)) == nil)
    }

    func `a branch that comes back to the commit that is being deployed ends there`() async throws {
        let store = try await bench.open()
        let first = try await store.queueJob(.sample(commit: 1))
        _ = try await store.claimJob()
        let other = try await store.queueJob(.sample(commit: 2))
        let back = try await store.queueJob(.sample(commit: 1))
        #expect(back.id != first.id)
        #expect(try await store.state(other.id) == .superseded)
        #expect(try await store.queue().queued == [back.id])
    }

    func `other apps, targets, refs and commits have jobs of their own`() async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(.sample())
        for other in [
            Plan.sample("other"), .sample("shop", "homolog"), .sample("shop", nil), .sample(ref: "refs/heads/next"),
            .sample(commit: 2),
        ] { #expect(try await joined(store, other) == nil) }
    }

    func `some of a delivery's jobs may be new`() async throws {
        let store = try await bench.open()
        let old = try await store.queueJob(.sample())
        let receipt = try await store.ask(.sample("shop", "homolog"), .sample())
        guard case .queued(let jobs) = receipt else { throw Unexpected(what: "\(receipt)") }
        #expect(jobs.count == 2)
        #expect(jobs[1].id == old.id)
    }

    func `a release, which names no commit, joins a job that has not looked its tag up yet`() async throws {
        let store = try await bench.open()
        let tag = "refs/tags/v1"
        let release = Plan.sample("shop", "production", .release, ref: tag, commit: nil)
        let first = try await store.queueJob(release)
        #expect(first.plan.commit.id == nil)
        #expect(try await joined(store, release) == first.id)
        #expect(try await joined(store, .sample("shop", "production", .tag, ref: tag, commit: 3)) == first.id)
        _ = try await store.claimJob()
        // It may be looking just now.
        let second = try await store.queueJob(release)
        #expect(second.id != first.id)
        try await store.resolve(first.id, to: Commit(id: .sample(3), message: "Found", author: "Bob"))
        #expect(try await store.job(first.id)?.plan.commit.id == .sample(3))
        #expect(try await joined(store, release) == second.id)
    }

    func `a release of a tag that was moved does not join the job of where it was`() async throws {
        let store = try await bench.open()
        let tag = "refs/tags/v1"
        let old = try await store.queueJob(.sample("shop", "production", .tag, ref: tag, commit: 3))
        let new = try await store.queueJob(.sample("shop", "production", .release, ref: tag, commit: nil))
        #expect(new.id != old.id)
    }

    func `a plan that reuses nothing joins only its like`() async throws {
        let store = try await bench.open()
        let plain = try await store.queueJob(.sample("shop", "production", .deploy))
        let fresh = try await store.queueJob(.sample("shop", "production", .deploy, fresh: true))
        #expect(fresh.id != plain.id)
        #expect(fresh.plan.fresh)
        #expect(try await joined(store, .sample("shop", "production", .deploy, fresh: true)) == fresh.id)
    }

    func `a newer push supersedes the queued pushes of the same target and ref`() async throws {
        let store = try await bench.open()
        let old = try await store.queueJob(.sample(commit: 1))
        let others = [
            try await store.queueJob(.sample("shop", "homolog", commit: 1)),
            try await store.queueJob(.sample("shop", nil, commit: 1)),
            try await store.queueJob(.sample(ref: "refs/heads/next", commit: 1)),
            try await store.queueJob(.sample("shop", "production", .deploy, commit: 8)),
            try await store.queueJob(.sample("shop", "production", .rollback, commit: 9)),
            try await store.queueJob(.sample("shop", "production", .tag, ref: "refs/tags/v1", commit: 1)),
        ]
        let new = try await store.queueJob(.sample(commit: 2))
        let superseded = try #require(try await store.job(old.id))
        #expect(superseded.state == .superseded)
        #expect(superseded.successor == new.id)
        #expect(superseded.finishedAt != nil)
        #expect(
            superseded.reason == "superseded by job \(new.id): refs/heads/main moved on to \(CommitID.sample(2).short)")
        for other in others { #expect(try await store.state(other.id) == .queued) }
    }

    func `a push leaves a running job to its worker, a deploy supersedes nothing`() async throws {
        let store = try await bench.open()
        let running = try await store.queueJob(.sample(commit: 1))
        _ = try await store.claimJob()
        let queued = try await store.queueJob(.sample(commit: 2))
        _ = try await store.queueJob(.sample("shop", "production", .deploy, commit: 3))
        #expect(try await store.state(running.id) == .running)
        #expect(try await store.state(queued.id) == .queued)
    }

    func `a push that a person has asked for too is no longer superseded`() async throws {
        let store = try await bench.open()
        let other = try await store.queueJob(.sample("a", commit: 1))
        let job = try await store.queueJob(.sample(commit: 1))
        #expect(try await joined(store, .sample("shop", "production", .deploy, commit: 1)) == job.id)
        _ = try await store.queueJob(.sample(commit: 2))
        #expect(try await store.state(job.id) == .queued)
        #expect(try await store.claimJob()?.id == job.id, "before \(other.id), as a manual deploy")
    }

    func `deliveries that arrive together supersede each other too`() async throws {
        let store = try await bench.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...40 {
                group.addTask { try await store.ask(.sample(commit: number)) }
            }
            try await group.waitForAll()
        }
        let queued = try await store.jobs(JobFilter(states: [.queued]))
        #expect(queued.count == 1)
        let superseded = try await store.jobs(JobFilter(states: [.superseded]))
        #expect(superseded.count == 39)
        #expect(superseded.allSatisfy { $0.successor != nil && $0.reason != nil })
    }
}

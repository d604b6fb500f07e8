import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

/// A newer push and a running one.
struct SupersedingChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("a newer push takes a running one's place, and the work that was to come with it") {
            try await Self(bench: $0)
                .`a newer push takes a running one's place, and the work that was to come with it`()
        }
        list.add("only pushes of the same app, target and branch take each other's place") {
            try await Self(bench: $0).`only pushes of the same app, target and branch take each other's place`()
        }
        for kind in ([Trigger.Kind.deploy, .rollback, .retry, .tag, .release] as [Trigger.Kind]) {
            list.add("what is no push to a branch is never superseded: \(kind)") {
                try await Self(bench: $0).`what is no push to a branch is never superseded`(kind: kind)
            }
        }
        list.add("a job that only tests gives way to one that runs already") {
            try await Self(bench: $0).`a job that only tests gives way to one that runs already`()
        }
        for step in ([Step.Name.migrate, .release] as [Step.Name]) {
            list.add("a job taken up again in its release gives no way: \(step)") {
                try await Self(bench: $0).`a job taken up again in its release gives no way`(step: step)
            }
        }
        list.add("nothing joins a job that is about to give way, until it is let through") {
            try await Self(bench: $0).`nothing joins a job that is about to give way, until it is let through`()
        }
        list.add("is linked to the newest, or to the one that was cancelled, where that ended it") {
            try await Self(bench: $0).`is linked to the newest, or to the one that was cancelled, where that ended it`()
        }
        list.add("what a person asks for joins no running job that may still give way") {
            try await Self(bench: $0).`what a person asks for joins no running job that may still give way`()
        }
        list.add("after five in a row one is let through") {
            try await Self(bench: $0).`after five in a row one is let through`()
        }
        list.add("queued ones count too") { try await Self(bench: $0).`queued ones count too`() }
        list.add("a server that stops in between goes on with the job where its successor is gone", restarts: true) {
            try await Self(bench: $0)
                .`a server that stops in between goes on with the job where its successor is gone`()
        }
        list.add("a job whose work was ended for a newer push ends as that, also after a stop", restarts: true) {
            try await Self(bench: $0).`a job whose work was ended for a newer push ends as that, also after a stop`()
        }
        list.add("after five in a row a stop lets one through too", restarts: true) {
            try await Self(bench: $0).`after five in a row a stop lets one through too`()
        }
        list.add("a job that follows its branch takes the tip, and the job that waited to deploy it") {
            try await Self(bench: $0)
                .`a job that follows its branch takes the tip, and the job that waited to deploy it`()
        }
        list.add("a job that waits in others' place goes on waiting, for theirs may be the newest") {
            try await Self(bench: $0)
                .`a job that waits in others' place goes on waiting, for theirs may be the newest`()
        }
        list.add("a tip that was seen before somebody joined is asked for again") {
            try await Self(bench: $0).`a tip that was seen before somebody joined is asked for again`()
        }
        list.add("a job that has not begun, or has ended, cannot give way") {
            try await Self(bench: $0).`a job that has not begun, or has ended, cannot give way`()
        }
        list.add("a job that is about to give way takes nothing") {
            try await Self(bench: $0).`a job that is about to give way takes nothing`()
        }
        list.add("ends for what is live, whether or not the job that deployed it is still known") {
            try await Self(bench: $0).`ends for what is live, whether or not the job that deployed it is still known`()
        }
    }

    private func running(_ store: any Store, _ plan: Plan) async throws -> JobID {
        let job = try await store.queueJob(plan)
        #expect(try await store.claimJob()?.id == job.id)
        return job.id
    }

    func `a newer push takes a running one's place, and the work that was to come with it`() async throws {
        let store = try await bench.open()
        let old = try await running(store, .sample(commit: 1))
        try await store.update(Step(name: .checkout, state: .succeeded), of: old)
        try await store.update(Step(name: .build, state: .running), of: old)
        #expect(try await store.supersessions(of: [old]).isEmpty)
        let new = try await store.queueJob(.sample(commit: 2)).id
        #expect(try await store.supersessions(of: [old]) == [Supersession(job: old, successor: new)])
        #expect(try await store.state(old) == .running)
        try await store.giveWay(old)
        let ended = try #require(try await store.job(old))
        #expect(ended.state == .superseded && ended.successor == new)
        #expect(ended.reason == "superseded by job \(new): refs/heads/main moved on to \(CommitID.sample(2).short)")
        #expect(ended.steps.map(\.state) == [.succeeded, .cancelled, .cancelled])
        #expect(try await store.claimJob()?.id == new)
    }

    func `only pushes of the same app, target and branch take each other's place`() async throws {
        let store = try await bench.open()
        let old = try await running(store, .sample(commit: 1))
        for other in [
            Plan.sample("other", commit: 2), .sample("shop", "homolog", commit: 2), .sample("shop", nil, commit: 2),
            .sample(ref: "refs/heads/next", commit: 2), .sample("shop", "production", .deploy, commit: 2),
            .sample("shop", "production", .rollback, commit: 3),
            .sample("shop", "production", .tag, ref: "refs/tags/v1", commit: 2),
        ] { _ = try await store.queueJob(other) }
        #expect(try await store.supersessions(of: [old]).isEmpty)
        let newer = try await store.queueJob(.sample("shop", "production", .catchUp, commit: 4)).id
        #expect(try await store.supersessions(of: [old]).map(\.successor) == [newer])
    }

    func `what is no push to a branch is never superseded`(kind: Trigger.Kind) async throws {
        let store = try await bench.open()
        let ref = kind == .tag || kind == .release ? "refs/tags/v1" : "refs/heads/main"
        let old = try await running(store, .sample("shop", "production", kind, ref: ref, commit: 1))
        _ = try await store.queueJob(.sample(commit: 2))
        _ = try await store.queueJob(.sample("shop", "production", kind, ref: ref, commit: 3))
        #expect(try await store.supersessions(of: [old]).isEmpty)
    }

    func `a job that only tests gives way to one that runs already`() async throws {
        let store = try await bench.open()
        let old = try await running(store, .sample("shop", nil, commit: 1))
        let new = try await running(store, .sample("shop", nil, commit: 2))
        #expect(try await store.supersessions(of: [old, new]) == [Supersession(job: old, successor: new)])
        try await store.giveWay(old)
        #expect(try await store.job(old)?.successor == new)
    }

    func `a job taken up again in its release gives no way`(step: Step.Name) async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(.sample(commit: 1))
        let old = try #require(try await store.claimJob(steps: [.checkout, .migrate, .release])).id
        _ = try await store.queueJob(.sample(commit: 2))
        #expect(try await store.supersessions(of: [old]).count == 1)
        try await store.letThrough(old)
        try await store.update(Step(name: step, state: .succeeded), of: old)
        #expect(try await store.supersessions(of: [old]).isEmpty)
        #expect(try await store.job(old)?.successor == nil)
    }

    func `nothing joins a job that is about to give way, until it is let through`() async throws {
        let store = try await bench.open()
        let old = try await running(store, .sample(commit: 1))
        let new = try await store.queueJob(.sample(commit: 2)).id
        _ = try await store.supersessions(of: [old])
        #expect(try await store.cancelQueued(new, reason: "cancelled by ana"))
        let again = try await store.queueJob(.sample(commit: 1)).id
        try await store.giveWay(old)
        #expect(try await store.job(old)?.successor == again)
        #expect(try await store.claimJob()?.id == again)

        let passed = try await running(store, .sample("blog", commit: 1))
        let waits = try await store.queueJob(.sample("blog", commit: 2)).id
        _ = try await store.supersessions(of: [passed])
        try await store.letThrough(passed)
        #expect(try await store.cancelQueued(waits, reason: "cancelled by ana"))
        guard case .joined(let jobs) = try await store.ask(.sample("blog", commit: 1)) else {
            throw Unexpected(what: "it did not join")
        }
        #expect(jobs.map(\.id) == [passed])
        try await store.finish(passed, as: .succeeded, reason: nil)
        #expect(try await store.job(passed)?.successor == nil)
    }

    func `is linked to the newest, or to the one that was cancelled, where that ended it`() async throws {
        let store = try await bench.open()
        let old = try await running(store, .sample(commit: 1))
        let second = try await store.queueJob(.sample(commit: 2)).id
        _ = try await store.supersessions(of: [old])
        let third = try await store.queueJob(.sample(commit: 3)).id
        #expect(try await store.job(second)?.successor == third)
        #expect(try await store.cancelQueued(third, reason: "cancelled by ana"))
        try await store.giveWay(old)
        #expect(try await store.job(old)?.successor == third)

        let next = try await running(store, .sample("blog", commit: 1))
        _ = try await store.queueJob(.sample("blog", commit: 2))
        _ = try await store.supersessions(of: [next])
        let last = try await store.queueJob(.sample("blog", commit: 3)).id
        try await store.giveWay(next)
        #expect(try await store.job(next)?.successor == last)
    }

    func `what a person asks for joins no running job that may still give way`() async throws {
        let store = try await bench.open()
        let push = try await running(store, .sample(commit: 1))
        let deploy = try await store.queueJob(.sample("shop", "production", .deploy, commit: 1))
        #expect(deploy.id != push)
        try await store.finish(push, as: .succeeded, reason: nil)
        #expect(try await store.claimJob()?.id == deploy.id)
        guard case .joined = try await store.ask(.sample("shop", "production", .deploy, commit: 1)) else {
            throw Unexpected(what: "it did not join the deploy")
        }
        guard case .joined = try await store.ask(.sample(commit: 1)) else {
            throw Unexpected(what: "the push did not join the deploy")
        }
    }

    func `after five in a row one is let through`() async throws {
        let store = try await bench.open()
        var job = try await running(store, .sample(commit: 1))
        for number in 2...6 {
            let next = try await store.queueJob(.sample(commit: number)).id
            #expect(try await store.supersessions(of: [job]).map(\.successor) == [next])
            try await store.giveWay(job)
            job = try #require(try await store.claimJob()).id
        }
        let waits = try await store.queueJob(.sample(commit: 7)).id
        #expect(try await store.supersessions(of: [job]).isEmpty)
        try await store.finish(job, as: .failed, reason: "the tests failed")
        #expect(try await store.claimJob()?.id == waits)
        let next = try await store.queueJob(.sample(commit: 8)).id
        #expect(try await store.supersessions(of: [waits]).map(\.successor) == [next], "the count begins again")
    }

    func `queued ones count too`() async throws {
        let store = try await bench.open()
        for number in 1...6 { _ = try await store.queueJob(.sample(commit: number)) }
        let job = try #require(try await store.claimJob()).id
        _ = try await store.queueJob(.sample(commit: 7))
        #expect(try await store.supersessions(of: [job]).isEmpty)
    }

    /// As the next server finds it that starts.
    private func recovered(_ store: any Store) async throws -> (any Store, Job) {
        try await store.close()
        let store = try await bench.open()
        return (store, try #require(try await store.recover { _ in [.checkout, .build, .release] }.first))
    }

    func `a server that stops in between goes on with the job where its successor is gone`() async throws {
        var store = try await bench.open()
        let old = try await running(store, .sample(commit: 1))
        let new = try await store.queueJob(.sample(commit: 2)).id
        _ = try await store.supersessions(of: [old])
        #expect(try await store.cancelQueued(new, reason: "cancelled by ana"))
        let job: Job
        (store, job) = try await recovered(store)
        #expect(job.id == old && job.state == .running && job.successor == nil)
    }

    func `a job whose work was ended for a newer push ends as that, also after a stop`() async throws {
        var store = try await bench.open()
        let old = try await running(store, .sample(commit: 1))
        let new = try await store.queueJob(.sample(commit: 2)).id
        _ = try await store.supersessions(of: [old])
        try await store.update(Step(name: .checkout, state: .cancelled, reason: "job \(new)"), of: old)
        let job: Job
        (store, job) = try await recovered(store)
        #expect(job.state == .superseded && job.successor == new)
    }

    func `after five in a row a stop lets one through too`() async throws {
        var store = try await bench.open()
        for number in 1...6 { _ = try await store.queueJob(.sample(commit: number)) }
        let old = try #require(try await store.claimJob()).id
        _ = try await store.queueJob(.sample(commit: 7))
        let job: Job
        (store, job) = try await recovered(store)
        #expect(job.id == old && job.state == .running)
    }

    // MARK: What the repository says

    func `a job that follows its branch takes the tip, and the job that waited to deploy it`() async throws {
        let store = try await bench.open()
        let job = try await running(store, .sample(commit: 1))
        let waits = try await store.queueJob(.sample(commit: 2)).id
        let others = [
            try await store.queueJob(.sample("shop", nil, commit: 2)),
            try await store.queueJob(.sample(ref: "refs/heads/next", commit: 2)),
        ]
        #expect(try await store.follow(job, to: Commit(id: .sample(2), message: "Two"), joins: 0) == nil)
        #expect(try await store.job(job)?.plan.commit.message == "Two")
        let ended = try #require(try await store.job(waits))
        #expect(ended.state == .superseded && ended.successor == job && ended.finishedAt != nil)
        #expect(ended.reason?.hasPrefix("job \(job) has this commit already") == true)
        for other in others { #expect(try await store.state(other.id) == .queued) }
        guard case .joined(let jobs) = try await store.ask(.sample(commit: 2)) else {
            throw Unexpected(what: "it did not join")
        }
        #expect(jobs.map(\.id) == [job])
    }

    func `a job that waits in others' place goes on waiting, for theirs may be the newest`() async throws {
        let store = try await bench.open()
        let job = try await running(store, .sample(commit: 1))
        // The job has seen 2; the branch is back at 3 since, whose delivery overtook that of 2.
        _ = try await store.queueJob(.sample(commit: 3))
        let late = try await store.queueJob(.sample(commit: 2)).id
        #expect(try await store.follow(job, to: Commit(id: .sample(2)), joins: 0) == nil)
        #expect(try await store.state(late) == .queued)
    }

    func `a tip that was seen before somebody joined is asked for again`() async throws {
        let store = try await bench.open()
        let job = try await running(store, .sample(commit: 1))
        // Its branch was at 2 when the job looked, and is back at 1 since.
        try await store.ask(.sample(commit: 1))
        #expect(try await store.follow(job, to: Commit(id: .sample(2)), joins: 0) == 1)
        #expect(try await store.job(job)?.plan.commit.id == .sample(1))
        #expect(try await store.follow(job, to: Commit(id: .sample(1)), joins: 1) == nil)
        #expect(try await store.follow(job, to: Commit(id: .sample(2)), joins: 1) == nil)
    }

    func `a job that is about to give way takes nothing`() async throws {
        let store = try await bench.open()
        let job = try await running(store, .sample(commit: 1))
        let new = try await store.queueJob(.sample(commit: 2)).id
        _ = try await store.supersessions(of: [job])
        #expect(try await store.follow(job, to: Commit(id: .sample(2)), joins: 0) == nil)
        #expect(try await store.state(new) == .queued)
        try await store.giveWay(job)
        #expect(try await store.job(job)?.successor == new)
    }

    func `a job that has not begun, or has ended, cannot give way`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample(commit: 1)).id
        await #expect(throws: QueueError.notRunning(job, .queued)) { try await store.giveWay(job) }
        #expect(try await store.state(job) == .queued)
        #expect(try await store.claimJob()?.id == job)
        try await store.finish(job, as: .succeeded, reason: nil)
        await #expect(throws: QueueError.notRunning(job, .succeeded)) { try await store.giveWay(job) }
        await #expect(throws: QueueError.unknownJob(4711)) { try await store.giveWay(4711) }
    }

    func `ends for what is live, whether or not the job that deployed it is still known`() async throws {
        let store = try await bench.open()
        let first = try await running(store, .sample(commit: 1))
        try await store.finish(first, as: .succeeded, reason: nil)
        let second = try await running(store, .sample(commit: 2))
        try await store.finish(second, overtakenBy: first, reason: "older")
        let ended = try #require(try await store.job(second))
        #expect(ended.state == .superseded && ended.successor == first && ended.reason == "older")
        #expect(ended.steps.allSatisfy { $0.state == .cancelled })
        let third = try await running(store, .sample(commit: 3))
        try await store.finish(third, overtakenBy: 4711, reason: "older")
        #expect(try await store.job(third)?.state == .superseded)
    }
}

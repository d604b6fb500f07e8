import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct JobChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("a step keeps the lines that tell why it failed") {
            try await Self(bench: $0).`a step keeps the lines that tell why it failed`()
        }
        list.add("steps change as their worker says") {
            try await Self(bench: $0).`steps change as their worker says`()
        }
        list.add("what waits when a job ends is skipped, or cancelled with it") {
            try await Self(bench: $0).`what waits when a job ends is skipped, or cancelled with it`()
        }
        list.add("only a running job can be finished, and only as something that is an end") {
            try await Self(bench: $0).`only a running job can be finished, and only as something that is an end`()
        }
        list.add("a queued job can be cancelled, a running one not this way") {
            try await Self(bench: $0).`a queued job can be cancelled, a running one not this way`()
        }
        list.add("what a cancelled task writes is stored") {
            try await Self(bench: $0).`what a cancelled task writes is stored`()
        }
        list.add("every change is told after it is stored, in order") {
            try await Self(bench: $0).`every change is told after it is stored, in order`()
        }
        list.add("history is filtered and turns its pages") {
            try await Self(bench: $0).`history is filtered and turns its pages`()
        }
        list.add("every filter finds what a look at each job would") {
            try await Self(bench: $0).`every filter finds what a look at each job would`()
        }
        list.add("a job that there is not is no queued one that could be cancelled") {
            try await Self(bench: $0).`a job that there is not is no queued one that could be cancelled`()
        }
    }

    private func runningJob(_ store: any Store) async throws -> JobID {
        _ = try await store.queueJob(.sample())
        return try #require(try await store.claimJob()).id
    }

    func `a step keeps the lines that tell why it failed`() async throws {
        let store = try await bench.open()
        let id = try await runningJob(store)
        var step = Step(name: .build, state: .failed, reason: "no")
        step.detail = [
            DetailLine(step: .build, offset: 0, text: "\"quoted\"\\ é 🚢"),
            DetailLine(step: .build, offset: 1 << 40, text: ""),
        ]
        try await store.update(step, of: id)
        let job = try #require(try await store.job(id))
        #expect(job.steps.map(\.detail) == [[], step.detail, []] && job.detail == step.detail)
    }

    func `steps change as their worker says`() async throws {
        let store = try await bench.open()
        let job = try await runningJob(store)
        let start = Timestamp(milliseconds: 1_000)
        try await store.update(Step(name: .checkout, state: .running, startedAt: start), of: job)
        try await store.update(
            Step(name: .build, state: .failed, reason: "exit code 3", startedAt: start, finishedAt: start), of: job)
        let steps = try #require(try await store.job(job)).steps
        #expect(steps.map(\.state) == [.running, .failed, .waiting])
        #expect(steps[0].startedAt == start && steps[0].finishedAt == nil)
        #expect(steps[1].reason == "exit code 3")
        await #expect(throws: QueueError.self) { try await store.update(Step(name: .verify), of: job) }
    }

    func `what waits when a job ends is skipped, or cancelled with it`() async throws {
        let store = try await bench.open()
        for (state, waiting) in [(Job.State.failed, Step.State.skipped), (.cancelled, .cancelled)] {
            let job = try await runningJob(store)
            try await store.update(Step(name: .checkout, state: .succeeded), of: job)
            try await store.update(Step(name: .build, state: .running), of: job)
            try await store.finish(job, as: state, reason: "because")
            let ended = try #require(try await store.job(job))
            #expect(ended.state == state && ended.reason == "because" && ended.finishedAt != nil)
            #expect(ended.steps.map(\.state) == [.succeeded, state == .failed ? .failed : .cancelled, waiting])
        }
    }

    func `only a running job can be finished, and only as something that is an end`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample()).id
        await #expect(throws: QueueError.self) { try await store.finish(job, as: .failed, reason: "no") }
        _ = try await store.claimJob()
        await #expect(throws: QueueError.self) { try await store.finish(job, as: .queued, reason: nil) }
        try await store.finish(job, as: .succeeded, reason: nil)
        await #expect(throws: QueueError.self) { try await store.finish(job, as: .failed, reason: "late") }
        await #expect(throws: QueueError.self) { try await store.finish(99, as: .failed, reason: "none") }
        #expect(try await store.state(job) == .succeeded)
    }

    func `a queued job can be cancelled, a running one not this way`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample()).id
        #expect(try await store.cancelQueued(job, reason: "cancelled by ana"))
        #expect(try await store.job(job)?.reason == "cancelled by ana")
        #expect(try await store.cancelQueued(job, reason: "again") == false)
        let running = try await runningJob(store)
        #expect(try await store.cancelQueued(running, reason: "no") == false)
        #expect(try await store.state(running) == .running)
    }

    func `what a cancelled task writes is stored`() async throws {
        let store = try await bench.open()
        let job = try await runningJob(store)
        let task = Task {
            // Goes on when it is cancelled, and only then.
            try? await Task.sleep(for: .seconds(60))
            #expect(Task.isCancelled)
            let push = ImagePush(repository: "shop/web", image: "sha256:1")
            let id = try await store.begin(.push(push, .begun), of: job, step: .push)
            try await store.end(id, as: .push(push, .notDone(reason: "it was cancelled")))
            try await store.update(Step(name: .build, state: .cancelled), of: job)
            try await store.finish(job, as: .cancelled, reason: "cancelled by ana")
            _ = try await store.record(.sample("late"), .pong, repository: nil)
        }
        task.cancel()
        _ = try await task.value
        #expect(try await store.job(job)?.reason == "cancelled by ana")
        #expect(try await store.body(delivery: "late") != nil)
    }

    func `every change is told after it is stored, in order`() async throws {
        let store = try await bench.open()
        var changes = bench.feed.changes().makeAsyncIterator()
        let job = try await runningJob(store)
        try await store.update(Step(name: .checkout, state: .running), of: job)
        try await store.finish(job, as: .failed, reason: "no")
        var told: [String] = []
        for _ in 1...7 {
            guard let change = await changes.next() else { break }
            switch change.kind {
            case .job(let id): told.append("job \(id)")
            case .step(let id, let name): told.append("\(name.rawValue) \(id)")
            default: told.append("other")
            }
        }
        #expect(told.prefix(3) == ["job 1", "job 1", "checkout 1"])
        #expect(told[3...5].sorted() == ["build 1", "checkout 1", "release 1"])
        #expect(told.last == "job 1")
    }

    func `history is filtered and turns its pages`() async throws {
        let store = try await bench.open()
        for number in 1...5 { _ = try await store.queueJob(.sample("a", "x", .deploy, commit: number)) }
        let other = try await store.queueJob(.sample("b", "x", .deploy, commit: 1))
        let running = try #require(try await store.claimJob())
        #expect(try await store.jobs(JobFilter()).map(\.id) == [6, 5, 4, 3, 2, 1])
        #expect(try await store.jobs(JobFilter(app: "a", before: 4, limit: 2)).map(\.id) == [3, 2])
        #expect(try await store.jobs(JobFilter(app: "b", target: "x")).map(\.id) == [other.id])
        #expect(try await store.jobs(JobFilter(app: "b", target: "y")).isEmpty)
        #expect(try await store.jobs(JobFilter(states: [.running])).map(\.id) == [running.id])
        #expect(try await store.jobs(JobFilter(states: [])).isEmpty)
        #expect(try await store.jobs(numbered: [5, 99, 2]).map(\.id) == [5, 2])
        #expect(try await store.jobs(numbered: []).isEmpty)
        #expect(try await store.jobCounts() == [.running: 1, .queued: 5])
        let queue = try await store.queue()
        #expect(queue.running == [1] && queue.queued == [2, 3, 4, 5, 6] && queue.queuedCount == 5)
        #expect(try await store.latestJob(app: "a", target: "x") == 5)
        #expect(try await store.latestJob(app: "a", target: "y") == nil)
        #expect(try await store.job(99) == nil)
    }

    func `every filter finds what a look at each job would`() async throws {
        let store = try await bench.open()
        // Numbers without a common divisor, so that everything meets everything.
        func numbered(_ number: Int) -> Plan {
            let (app, target) = (["a", "b", "c"][number % 3], ["x", "y", nil, "z"][number % 4])
            let kind = number % 5 == 0 ? Trigger.Kind.deploy : .push
            return .sample(app, target, kind, ref: "refs/heads/b\(number)", commit: number)
        }
        // Ten to a delivery, because each write may have to wait for a disk.
        for first in stride(from: 1, to: 120, by: 10) {
            let numbers = first..<first + 10
            _ = try await store.record(.sample(), .plans(numbers.map(numbered)), repository: nil)
            for number in numbers where number % 7 > 2 {
                guard let job = try await store.claimJob(slots: 10) else { continue }
                let end = [Job.State.succeeded, .failed, .cancelled, nil][Int(job.id) % 11 % 4]
                if let end { try await store.finish(job.id, as: end, reason: nil) }
            }
        }
        let all = try await store.jobs(JobFilter(limit: 200))
        #expect(all.map(\.id) == Array((1...120).reversed()))
        let states: [Set<Job.State>?] = [nil, [.queued], [.running], [.failed], [.succeeded, .running, .queued], []]
        for app in [nil, "a", "b", "none"] {
            for target in [nil, "x", "none"] {
                for states in states {
                    for before in [nil, 60] as [JobID?] {
                        let meant = all.filter {
                            (app == nil || $0.plan.app == app) && (target == nil || $0.plan.target == target)
                                && (states?.contains($0.state) ?? true) && $0.id < before ?? .max
                        }
                        let filter = JobFilter(app: app, target: target, states: states, before: before, limit: 7)
                        #expect(try await store.jobs(filter).map(\.id) == meant.prefix(7).map(\.id), "\(filter)")
                    }
                }
            }
        }
        let counts = Dictionary(grouping: all, by: \.state).mapValues(\.count)
        #expect(try await store.jobCounts() == counts)
        #expect(
            try await store.latestJob(app: "a", target: "x")
                == all.first { $0.plan.app == "a" && $0.plan.target == "x" }?.id)
    }

    func `a job that there is not is no queued one that could be cancelled`() async throws {
        let store = try await bench.open()
        #expect(try await store.cancelQueued(99, reason: "cancelled by ops") == false)
    }
}

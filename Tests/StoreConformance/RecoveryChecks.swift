import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct RecoveryChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("a job goes on with what it had done and begun", restarts: true) {
            try await Self(bench: $0).`a job goes on with what it had done and begun`()
        }
        list.add("steps follow a configuration that has changed meanwhile", restarts: true) {
            try await Self(bench: $0).`steps follow a configuration that has changed meanwhile`()
        }
        for (step, expected)
            in ([(Step.State.failed, Job.State.failed), (.cancelled, .cancelled)] as [(Step.State, Job.State)])
        {
            list.add("a job whose step had ended badly ends: \(step) \(expected)", restarts: true) {
                try await Self(bench: $0).`a job whose step had ended badly ends`(step: step, expected: expected)
            }
        }
        list.add("a job that has changed nothing gives way to a push that came while it ran", restarts: true) {
            try await Self(bench: $0).`a job that has changed nothing gives way to a push that came while it ran`()
        }
        list.add("a job that may have changed what is live goes on, whatever was pushed since", restarts: true) {
            try await Self(bench: $0).`a job that may have changed what is live goes on, whatever was pushed since`()
        }
        list.add("a job in whose step the server stops again and again fails", restarts: true) {
            try await Self(bench: $0).`a job in whose step the server stops again and again fails`()
        }
        list.add("a job that gets on between the stops does not", restarts: true) {
            try await Self(bench: $0).`a job that gets on between the stops does not`()
        }
        list.add("a job that orderly servers have left is not to blame for their stops", restarts: true) {
            try await Self(bench: $0).`a job that orderly servers have left is not to blame for their stops`()
        }
        list.add("a job that was told to stop ends as cancelled, whatever was pushed since", restarts: true) {
            try await Self(bench: $0).`a job that was told to stop ends as cancelled, whatever was pushed since`()
        }
        list.add("the journal takes only effects of jobs it knows") {
            try await Self(bench: $0).`the journal takes only effects of jobs it knows`()
        }
    }

    /// A store whose server stops when the body returns, opened again.
    private func afterStop(_ body: (any Store, JobID) async throws -> Void) async throws -> any Store {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample(commit: 1)).id
        _ = try await store.claimJob()
        try await body(store, job)
        return try await reopened(store)
    }

    private func reopened(_ store: any Store) async throws -> any Store {
        try await store.close()
        return try await bench.open()
    }

    func `a job goes on with what it had done and begun`() async throws {
        let build = BuildRun(tag: "tag", recipe: "recipe")
        let change = ReleaseChange(
            place: Place(platform: "heroku", name: "shop"), images: ["web": "sha256:1"], versionBefore: 1)
        let store = try await afterStop { store, job in
            try await store.update(Step(name: .build, state: .succeeded), of: job)
            let id = try await store.begin(.build(build, .begun), of: job, step: .build)
            try await store.end(id, as: .build(build, .done(BuiltImageID(id: "sha256:1"))))
            try await store.update(Step(name: .release, state: .running), of: job)
            _ = try await store.begin(.release(change, .begun), of: job, step: .release)
        }
        let job = try #require(try await store.recoverJobs().first)
        #expect(job.state == .running && job.startedAt != nil)
        #expect(job.steps.map(\.state) == [.waiting, .succeeded, .running])
        let entries = try await store.entries(of: job.id)
        #expect(
            entries.map(\.effect) == [
                .build(build, .done(BuiltImageID(id: "sha256:1"))), .release(change, .begun),
            ])
        #expect(entries.map(\.step) == [.build, .release])
        #expect(entries.map { $0.endedAt != nil } == [true, false])
        // Its slot and its target are taken.
        _ = try await store.queueJob(.sample(commit: 2))
        #expect(try await store.claimJob() == nil)
    }

    func `steps follow a configuration that has changed meanwhile`() async throws {
        let store = try await afterStop { store, job in
            try await store.update(Step(name: .build, state: .succeeded), of: job)
        }
        let recovered = try await store.recover { _ in [.checkout, .build, .push, .verify] }
        #expect(recovered[0].steps.map(\.name) == [.checkout, .build, .push, .verify])
        #expect(recovered[0].steps.map(\.state) == [.waiting, .succeeded, .waiting, .waiting])
    }

    func `a job whose step had ended badly ends`(step: Step.State, expected: Job.State) async throws {
        let store = try await afterStop { store, job in
            try await store.update(Step(name: .build, state: step, reason: "out of flour"), of: job)
        }
        let job = try #require(try await store.recoverJobs().first)
        #expect(job.state == expected)
        #expect(job.reason?.contains("out of flour") == true)
        #expect(try await store.recoverJobs().isEmpty)
    }

    func `a job that has changed nothing gives way to a push that came while it ran`() async throws {
        let store = try await afterStop { store, _ in _ = try await store.queueJob(.sample(commit: 2)) }
        let recovered = try await store.recoverJobs()
        #expect(recovered.map(\.state) == [.superseded])
        #expect(recovered[0].successor == 2)
        #expect(try await store.claimJob()?.id == 2)
    }

    func `a job that may have changed what is live goes on, whatever was pushed since`() async throws {
        let store = try await afterStop { store, job in
            try await store.update(Step(name: .release, state: .running), of: job)
            _ = try await store.queueJob(.sample(commit: 2))
        }
        #expect(try await store.recoverJobs().map(\.state) == [.running])
        #expect(try await store.claimJob() == nil)
    }

    func `a job in whose step the server stops again and again fails`() async throws {
        var store = try await afterStop { _, _ in }
        for _ in 1...4 {
            #expect(try await store.recoverJobs().map(\.state) == [.running])
            store = try await reopened(store)
        }
        let job = try #require(try await store.recoverJobs().first)
        #expect(job.state == .failed)
        #expect(job.reason?.contains("5 times") == true)
    }

    func `a job that gets on between the stops does not`() async throws {
        var store = try await afterStop { _, _ in }
        for round in 1...8 {
            #expect(try await store.recoverJobs().map(\.state) == [.running])
            if round == 4 { try await store.update(Step(name: .build, state: .succeeded), of: 1) }
            store = try await reopened(store)
        }
    }

    func `a job that orderly servers have left is not to blame for their stops`() async throws {
        var store = try await afterStop { _, _ in }
        for _ in 1...8 {
            #expect(try await store.recoverJobs().map(\.state) == [.running])
            try await store.leave(1)
            store = try await reopened(store)
        }
    }

    func `a job that was told to stop ends as cancelled, whatever was pushed since`() async throws {
        let store = try await afterStop { store, job in
            try await store.noteCancel(of: job, reason: "cancelled by ana")
            _ = try await store.queueJob(.sample(commit: 2))
        }
        let job = try #require(try await store.recoverJobs().first)
        #expect(job.state == .cancelled)
        #expect(job.reason == "cancelled by ana")
        #expect(job.successor == nil)
    }

    func `the journal takes only effects of jobs it knows`() async throws {
        let store = try await bench.open()
        let push = Effect.push(ImagePush(repository: "shop/web", image: "sha256:1"), .begun)
        await #expect(throws: QueueError.self) { try await store.begin(push, of: 1, step: .push) }
        await #expect(throws: QueueError.self) { try await store.end(1, as: push) }
        #expect(try await store.entries(of: 1).isEmpty)
        let job = try await store.queueJob(.sample()).id
        let id = try await store.begin(push, of: job, step: .push)
        // An effect does not become another.
        let other = Effect.build(BuildRun(tag: "tag", recipe: "recipe"), .notDone(reason: "no room"))
        await #expect(throws: QueueError.self) { try await store.end(id, as: other) }
        #expect(try await store.entries(of: job).map(\.effect) == [push])
    }
}

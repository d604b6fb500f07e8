import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

struct RecoveryTests {
    let bench = Bench()

    /// A store whose server stops when the body returns, opened again.
    private func afterStop(_ body: (SQLiteStore, JobID) async throws -> Void) async throws -> SQLiteStore {
        let store = try await bench.open()
        let job = try await store.queueJob(try plan(commit: 1)).id
        _ = try await store.claimJob()
        try await body(store, job)
        try await store.close()
        return try await bench.open()
    }

    @Test func `a job that was only building is queued again, without steps`() async throws {
        let store = try await afterStop { store, job in
            try await store.update(Step(name: .build, state: .running), of: job)
            _ = try await store.begin("push image", of: job, step: .push, nonce: "n", intent: "sha256:1")
            let done = try await store.begin("run dyno", of: job, step: .migrate, nonce: "m", intent: "migrate")
            try await store.end(done, outcome: "exit code 0")
        }
        let recovered = try await store.recover()
        #expect(recovered.map(\.state) == [.queued])
        #expect(recovered[0].steps.isEmpty && recovered[0].startedAt == nil)
        #expect(try await store.claimJob()?.steps.count == 3)
        #expect(try await store.recover().map(\.state) == [.queued])
    }

    @Test(arguments: ["release formation", "run dyno"])
    func `a job that may have changed what is live fails, saying what to check`(kind: String) async throws {
        let store = try await afterStop { store, job in
            try await store.update(Step(name: .release, state: .running), of: job)
            _ = try await store.begin(kind, of: job, step: .release, nonce: "n", intent: "web=sha256:1 after v17")
        }
        let job = try #require(try await store.recover().first)
        #expect(job.state == .failed)
        let reason = try #require(job.reason)
        #expect(reason.contains(kind) && reason.contains("web=sha256:1 after v17") && reason.contains("production"))
        #expect(job.steps.map(\.state) == [.skipped, .skipped, .failed])
        #expect(try await store.recover().isEmpty)
    }

    @Test func `an open effect of an attempt before the last does not count`() async throws {
        var store = try await afterStop { store, job in
            _ = try await store.begin("push image", of: job, step: .push, nonce: "n", intent: "sha256:1")
        }
        _ = try await store.recover()
        _ = try await store.claimJob()
        try await store.close()
        store = try await bench.open()
        #expect(try await store.recover().map(\.state) == [.queued])
    }

    @Test func `a job queued again gives way to a push that came while it ran`() async throws {
        let store = try await afterStop { store, _ in _ = try await store.queueJob(try plan(commit: 2)) }
        let recovered = try await store.recover()
        #expect(recovered.map(\.state) == [.superseded])
        #expect(recovered[0].successor == 2)
        #expect(try await store.claimJob()?.id == 2)
    }

    @Test func `a job in which the server stops again and again fails`() async throws {
        var store = try await afterStop { _, _ in }
        for _ in 1...4 {
            #expect(try await store.recover().map(\.state) == [.queued])
            _ = try #require(try await store.claimJob())
            try await store.close()
            store = try await bench.open()
        }
        let job = try #require(try await store.recover().first)
        #expect(job.state == .failed)
        #expect(job.reason?.contains("5 times") == true)
    }

    @Test func `the journal takes only effects of jobs it knows`() async throws {
        let store = try await bench.open()
        await #expect(throws: StoreError.self) {
            try await store.begin("push image", of: 1, step: .push, nonce: "", intent: "")
        }
        await #expect(throws: StoreError.self) { try await store.end(1, outcome: "") }
    }
}

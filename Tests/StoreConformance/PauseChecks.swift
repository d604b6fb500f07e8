import SlipwayCore
import TestSamples
import Testing

struct PauseChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("a paused queue runs only what was asked for by hand, also after a restart", restarts: true) {
            try await Self(bench: $0).`a paused queue runs only what was asked for by hand, also after a restart`()
        }
        list.add("every write makes another revision, and reading makes none") {
            try await Self(bench: $0).`every write makes another revision, and reading makes none`()
        }
    }

    func `a paused queue runs only what was asked for by hand, also after a restart`() async throws {
        let store = try await bench.open()
        let pushed = try await store.queueJob(.sample("shop"))
        #expect(try await store.pause(by: "ops"))
        let pause = try #require(try await store.queue().paused)
        #expect(pause.by == "ops")
        // Who was first stays.
        #expect(try await !store.pause(by: "ana"))
        #expect(try await store.queue().paused == pause)
        #expect(try await store.claimJob() == nil)
        let asked = try await store.queueJob(.sample("blog", "production", .deploy))
        #expect(try await store.claimJob()?.id == asked.id)
        #expect(try await store.claimJob() == nil)
        try await store.close()

        let again = try await bench.open()
        #expect(try await again.queue().paused == pause)
        #expect(try await again.claimJob() == nil)
        #expect(try await again.resume())
        #expect(try await again.queue().paused == nil)
        #expect(try await again.claimJob()?.id == pushed.id)
        // A queue that is not paused stays so.
        #expect(try await !again.resume())
    }

    func `every write makes another revision, and reading makes none`() async throws {
        let store = try await bench.open()
        let first = store.revision
        let job = try await store.queueJob(.sample())
        let second = store.revision
        #expect(second != first)
        _ = try await store.job(job.id)
        #expect(store.revision == second)
        _ = try await store.claimJob()
        #expect(store.revision != second)
    }
}

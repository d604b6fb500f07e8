import SlipwayCore
import TestSamples
import Testing

/// `Job.State.next` is what the store holds jobs to.
struct StateChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        for end in Job.State.allCases {
            list.add("a job ends only as its state allows: \(end)") {
                try await Self(bench: $0).`a job ends only as its state allows`(end: end)
            }
        }
    }

    func `a job ends only as its state allows`(end: Job.State) async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample()).id
        // Queued: the worker's way to an end is closed.
        await #expect(throws: QueueError.self) { try await store.finish(job, as: end, reason: nil) }
        #expect(try await store.state(job) == .queued)
        _ = try await store.claimJob()
        if Job.State.running.next.contains(end) {
            try await store.finish(job, as: end, reason: nil)
            #expect(try await store.state(job) == end)
        } else {
            await #expect(throws: QueueError.self) { try await store.finish(job, as: end, reason: nil) }
            #expect(try await store.state(job) == .running)
            try await store.finish(job, as: .failed, reason: nil)
        }
        // What has ended stays as it is.
        await #expect(throws: QueueError.self) { try await store.finish(job, as: .cancelled, reason: nil) }
        #expect(try await !store.cancelQueued(job, reason: ""))
        #expect(try await store.claimJob() == nil)
    }
}

import SlipwayCore
import TestLogs
import TestSamples
import Testing

/// What the server's log says of jobs.
struct JobLineChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("one line when a job begins, and one when it has ended") {
            try await Self(bench: $0).`one line when a job begins, and one when it has ended`()
        }
        list.add("a job that only tests has no target, a release no commit yet") {
            try await Self(bench: $0).`a job that only tests has no target, a release no commit yet`()
        }
        list.add("a job that ends before it began has a line of its own") {
            try await Self(bench: $0).`a job that ends before it began has a line of its own`()
        }
        list.add("a job whose checkout finds its commit live already ends with a line, too") {
            try await Self(bench: $0).`a job whose checkout finds its commit live already ends with a line, too`()
        }
        list.add("what is not stored is not logged") { try await Self(bench: $0).`what is not stored is not logged`() }
    }

    /// Without the time that it took.
    private var lines: [String] {
        bench.log.lines.map { $0.replacing(/seconds=[0-9]+/, with: "seconds=N") }
    }

    func `one line when a job begins, and one when it has ended`() async throws {
        let store = try await bench.open()
        let commit = CommitID.sample(1)
        let job = try await store.queueJob(.sample())
        #expect(lines.isEmpty)
        _ = try await store.claimJob()
        try await store.finish(job.id, as: .failed, reason: "test: 1 of 3 failed")
        #expect(
            lines == [
                "job began app=shop by=ana commit=\(commit) job=1 ref=refs/heads/main target=production trigger=push",
                "job ended app=shop commit=\(commit) job=1 reason=test: 1 of 3 failed seconds=N state=failed "
                    + "target=production",
            ])
    }

    func `a job that only tests has no target, a release no commit yet`() async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(.sample("shop", nil))
        _ = try await store.claimJob()
        _ = try await store.queueJob(.sample("shop", "production", .release, ref: "refs/tags/v1", commit: nil))
        _ = try await store.claimJob()
        #expect(
            lines == [
                "job began app=shop by=ana commit=\(CommitID.sample(1)) job=1 ref=refs/heads/main trigger=push",
                "job began app=shop by=ana job=2 ref=refs/tags/v1 target=production trigger=release",
            ])
    }

    func `a job that ends before it began has a line of its own`() async throws {
        let store = try await bench.open()
        _ = try await store.queueJob(.sample(commit: 1))
        let second = try await store.queueJob(.sample(commit: 2))
        #expect(try await store.cancelQueued(second.id, reason: "cancelled by ana"))
        #expect(
            lines == [
                "job ended app=shop commit=\(CommitID.sample(1)) job=1 reason=superseded by job 2: refs/heads/main moved on "
                    + "to 0000000 state=superseded target=production",
                "job ended app=shop commit=\(CommitID.sample(2)) job=2 reason=cancelled by ana state=cancelled "
                    + "target=production",
            ])
    }

    func `a job whose checkout finds its commit live already ends with a line, too`() async throws {
        let store = try await bench.open()
        let first = try await store.queueJob(.sample(commit: 1))
        _ = try await store.claimJob()
        let second = try await store.queueJob(.sample(commit: 2))
        #expect(try await store.follow(first.id, to: Commit(id: .sample(2)), joins: 0) == nil)
        #expect(
            lines.last
                == "job ended app=shop commit=\(CommitID.sample(2)) job=\(second.id) reason=job 1 has this commit already: "
                + "it was the branch's tip when that job started state=superseded target=production")
    }

    func `what is not stored is not logged`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample())
        await #expect(throws: QueueError.self) {
            try await store.finish(job.id, as: .succeeded, reason: nil)
        }
        #expect(lines.isEmpty)
    }
}

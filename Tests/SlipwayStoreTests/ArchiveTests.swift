import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

struct ArchiveTests {
    let bench = Bench()

    private func ended(_ store: SQLiteStore, commit: Int, ref: String? = nil) async throws -> JobID {
        let job = try await store.queueJob(try plan(ref: ref ?? "refs/heads/b\(commit)", commit: commit))
        _ = try await store.claimJob()
        try await store.finish(job.id, as: .succeeded, reason: nil)
        return job.id
    }

    private func release(_ store: SQLiteStore, _ job: JobID, image: String, version: Int) async throws {
        try await store.record(
            Release(
                app: "shop", target: "production", job: job, commit: try commit(1), image: image, version: version,
                since: .now()))
    }

    @Test func `keeps the newest jobs, those that have not ended and those to go back to`() async throws {
        let store = try await bench.open()
        for number in 1...8 { _ = try await ended(store, commit: number) }
        // Seven good releases, the first image twice: the first five images from behind are kept.
        for (version, job) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 1)] {
            try await release(store, JobID(job), image: "sha256:\(job)", version: version)
        }
        let waiting = try await store.queueJob(try plan(ref: "refs/heads/late", commit: 9)).id
        #expect(try await store.keptImages() == ["sha256:1", "sha256:6", "sha256:5", "sha256:4", "sha256:3"])
        #expect(try await store.removeJobs(beyond: 2) == 2)
        #expect(try await store.removeJobs(beyond: 2) == 0)
        let left = try await store.jobs(JobFilter(limit: 20)).map(\.id)
        #expect(left == [waiting, 8, 6, 5, 4, 3, 1])
        #expect(try await store.live(app: "shop", target: "production")?.image == "sha256:1")
    }

    @Test func `keeps the image that a running job is about to release`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(try plan(commit: 3))
        _ = try await store.claimJob()
        try await store.record(image: "sha256:3", app: "shop", commit: try commit(3), recipe: "r", job: job.id)
        try await store.record(image: "sha256:4", app: "shop", commit: try commit(4), recipe: "r", job: job.id)
        #expect(try await store.keptImages() == ["sha256:3"])
        // One whose tests still run is in no list of images yet.
        let build = BuildRun(tag: "tag", recipe: "r")
        let built = try await store.begin(.build(build, .begun), of: job.id, step: .build)
        try await store.end(built, as: .build(build, .done(BuiltImageID(id: "sha256:5"))))
        #expect(try await store.keptImages() == ["sha256:3", "sha256:5"])
        let push = ImagePush(repository: "shop/release", image: "sha256:6")
        _ = try await store.begin(.push(push, .begun), of: job.id, step: .push)
        #expect(try await store.keptImages() == ["sha256:3", "sha256:5", "sha256:6"])
        try await store.finish(job.id, as: .failed, reason: nil)
        #expect(try await store.keptImages().isEmpty)
        // A good release keeps all of its images.
        try await release(store, job.id, image: "sha256:3", version: 1)
        #expect(try await store.keptImages() == ["sha256:3", "sha256:6"])
    }

    @Test func `removes old deliveries whose jobs have ended, with files of which none is left`() async throws {
        let store = try await bench.open()
        let old = Timestamp.now() - .seconds(40 * 86_400)
        func record(_ number: Int, at time: Timestamp, bytes: Int = 10) async throws {
            let delivery = Delivery(
                guid: "guid-\(number)", source: .github, event: "push",
                body: [UInt8](repeating: 1, count: bytes), receivedAt: time)
            _ = try await store.record(
                delivery, .plans([try plan(ref: "refs/heads/\(number)", commit: number)]), repository: nil)
        }
        // Past a file's size, so that the next one begins another.
        try await record(1, at: old, bytes: 65 << 20)
        try await record(2, at: old)
        try await record(3, at: .now())
        #expect(try await store.removeDeliveries(before: .now() - .seconds(30 * 86_400)) == 0, "their jobs wait")
        for job in 1...2 { _ = try await store.cancelQueued(JobID(job), reason: "") }
        #expect(try await store.removeDeliveries(before: .now() - .seconds(30 * 86_400)) == 2)
        let files = try FileManager.default.contentsOfDirectory(atPath: bench.folder + "/deliveries")
        #expect(files == ["000002.bodies"])
        #expect(try await store.body(delivery: "guid-3")?.count == 10)
        #expect(try await store.body(delivery: "guid-2") == nil)
    }

    @Test func `says whose logs may go`() async throws {
        let store = try await bench.open()
        let gone: JobID = 99
        let ended = try await ended(store, commit: 1)
        let waiting = try await store.queueJob(try plan(commit: 2)).id
        #expect(try await store.jobs([ended, waiting, gone], goneOrEndedBefore: .now() - .seconds(60)) == [gone])
        #expect(
            try await store.jobs([ended, waiting, gone], goneOrEndedBefore: .now() - .seconds(-60)) == [ended, gone])
    }

    @Test func `a log that is removed leaves nothing`() async throws {
        let book = FileLogBook(folder: bench.folder, feed: bench.feed)
        await book.append(Array("hello\n".utf8), job: 7, step: .build)
        #expect(try await book.jobs() == [7])
        try await book.remove(7)
        #expect(try await book.jobs().isEmpty)
        #expect(try await book.size(job: 7, step: nil) == 0)
    }
}

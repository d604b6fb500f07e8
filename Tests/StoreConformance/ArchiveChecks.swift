import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct ArchiveChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("keeps the newest jobs, those that have not ended and those to go back to") {
            try await Self(bench: $0).`keeps the newest jobs, those that have not ended and those to go back to`()
        }
        list.add("keeps the image that a running job is about to release") {
            try await Self(bench: $0).`keeps the image that a running job is about to release`()
        }
        list.add("says whose logs may go") { try await Self(bench: $0).`says whose logs may go`() }
    }

    private func ended(_ store: any Store, commit: Int, ref: String? = nil) async throws -> JobID {
        let job = try await store.queueJob(.sample(ref: ref ?? "refs/heads/b\(commit)", commit: commit))
        _ = try await store.claimJob()
        try await store.finish(job.id, as: .succeeded, reason: nil)
        return job.id
    }

    private func release(_ store: any Store, _ job: JobID, image: String, version: Int) async throws {
        try await store.record(.sample(job: job, image: image, version: version))
    }

    func `keeps the newest jobs, those that have not ended and those to go back to`() async throws {
        let store = try await bench.open()
        for number in 1...8 { _ = try await ended(store, commit: number) }
        // Seven good releases, the first image twice: the first five images from behind are kept.
        for (version, job) in [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6), (7, 1)] {
            try await release(store, JobID(job), image: "sha256:\(job)", version: version)
        }
        let waiting = try await store.queueJob(.sample(ref: "refs/heads/late", commit: 9)).id
        #expect(try await store.keptImages() == ["sha256:1", "sha256:6", "sha256:5", "sha256:4", "sha256:3"])
        #expect(try await store.removeJobs(beyond: 2) == 2)
        #expect(try await store.removeJobs(beyond: 2) == 0)
        let left = try await store.jobs(JobFilter(limit: 20)).map(\.id)
        #expect(left == [waiting, 8, 6, 5, 4, 3, 1])
        #expect(try await store.live(app: "shop", target: "production")?.image == "sha256:1")
    }

    func `keeps the image that a running job is about to release`() async throws {
        let store = try await bench.open()
        let job = try await store.queueJob(.sample(commit: 3))
        _ = try await store.claimJob()
        try await store.record(image: "sha256:3", app: "shop", commit: .sample(3), recipe: "r", job: job.id)
        try await store.record(image: "sha256:4", app: "shop", commit: .sample(4), recipe: "r", job: job.id)
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

    func `says whose logs may go`() async throws {
        let store = try await bench.open()
        let gone: JobID = 99
        let ended = try await ended(store, commit: 1)
        let waiting = try await store.queueJob(.sample(commit: 2)).id
        #expect(try await store.jobs([ended, waiting, gone], goneOrEndedBefore: .now() - .seconds(60)) == [gone])
        #expect(
            try await store.jobs([ended, waiting, gone], goneOrEndedBefore: .now() - .seconds(-60)) == [ended, gone])
    }
}

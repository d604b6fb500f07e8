import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct ReleaseChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("an image is found by app, commit and recipe, the last one built") {
            try await Self(bench: $0).`an image is found by app, commit and recipe, the last one built`()
        }
        list.add("what was recorded last is live, also after a restart", restarts: true) {
            try await Self(bench: $0).`what was recorded last is live, also after a restart`()
        }
        list.add("the way back is the last release of another image, or what a job released") {
            try await Self(bench: $0).`the way back is the last release of another image, or what a job released`()
        }
        list.add("failed releases of an image are counted until it goes live") {
            try await Self(bench: $0).`failed releases of an image are counted until it goes live`()
        }
        list.add("after a release that came to no good end the way back is what was live before it") {
            try await Self(bench: $0)
                .`after a release that came to no good end the way back is what was live before it`()
        }
        list.add("the last migration at a target is remembered, also after a restart", restarts: true) {
            try await Self(bench: $0).`the last migration at a target is remembered, also after a restart`()
        }
    }

    private func release(
        _ image: String, _ version: Int, target: String = "production", job: JobID = 1
    ) -> Release {
        .sample(
            "shop", target, job: job, commit: .sample(version), image: image, manifest: "sha256:m", version: version,
            since: Timestamp(milliseconds: 5_000))
    }

    func `an image is found by app, commit and recipe, the last one built`() async throws {
        let store = try await bench.open()
        try await store.record(image: "sha256:1", app: "shop", commit: .sample(1), recipe: "r", job: 1)
        try await store.record(image: "sha256:2", app: "shop", commit: .sample(1), recipe: "r", job: 2)
        #expect(try await store.image(app: "shop", commit: .sample(1), recipe: "r") == "sha256:2")
        #expect(try await store.image(app: "shop", commit: .sample(1), recipe: "other") == nil)
        #expect(try await store.image(app: "shop", commit: .sample(2), recipe: "r") == nil)
        #expect(try await store.image(app: "other", commit: .sample(1), recipe: "r") == nil)
    }

    func `what was recorded last is live, also after a restart`() async throws {
        var store = try await bench.open()
        #expect(try await store.live(app: "shop", target: "production") == nil)
        try await store.record(release("sha256:9", 17))
        try await store.record(release("sha256:1", 3))
        try await store.record(release("sha256:8", 40, target: "homolog"))
        try await store.close()
        store = try await bench.open()
        let live = try #require(try await store.live(app: "shop", target: "production"))
        let expected = CommitID.sample(3)
        #expect(live.version == 3 && live.image == "sha256:1" && live.commit == expected)
        #expect(live.since == Timestamp(milliseconds: 5_000) && live.job == 1)
        #expect(live.manifest == "sha256:m")
    }

    func `the way back is the last release of another image, or what a job released`() async throws {
        let store = try await bench.open()
        func previous() async throws -> Int? {
            try await store.previousRelease(app: "shop", target: "production")?.version
        }
        #expect(try await previous() == nil)
        try await store.record(release("sha256:1", 1, job: 1))
        try await store.record(release("sha256:9", 9, target: "homolog", job: 2))
        #expect(try await previous() == nil)
        try await store.record(release("sha256:2", 2, job: 3))
        try await store.record(release("sha256:2", 3, job: 4))
        #expect(try await previous() == 1)
        // Rolled back: the way back from there is what was live before.
        try await store.record(release("sha256:1", 4, job: 5))
        #expect(try await previous() == 3)

        #expect(try await store.release(by: 3, app: "shop", target: "production")?.image == "sha256:2")
        #expect(try await store.release(by: 2, app: "shop", target: "homolog")?.version == 9)
        #expect(try await store.release(by: 2, app: "shop", target: "production") == nil)
        #expect(try await store.release(by: 6, app: "shop", target: "production") == nil)
    }

    func `failed releases of an image are counted until it goes live`() async throws {
        let store = try await bench.open()
        func failures(_ image: String) async throws -> Int {
            try await store.failedReleases(of: image, app: "shop", target: "production")
        }
        for _ in 1...2 {
            try await store.recordFailedRelease(of: "sha256:1", app: "shop", target: "production", job: 1)
        }
        try await store.recordFailedRelease(of: "sha256:1", app: "shop", target: "homolog", job: 1)
        #expect(try await failures("sha256:1") == 2)
        #expect(try await failures("sha256:2") == 0)
        try await store.record(release("sha256:1", 4))
        #expect(try await failures("sha256:1") == 0)
        try await store.recordFailedRelease(of: "sha256:1", app: "shop", target: "production", job: 2)
        #expect(try await failures("sha256:1") == 1)
        #expect(try await store.failedReleases(of: "sha256:1", app: "shop", target: "homolog") == 1)
    }

    func `after a release that came to no good end the way back is what was live before it`() async throws {
        let store = try await bench.open()
        try await store.record(release("sha256:1", 1, job: 90))
        try await store.record(release("sha256:2", 2, job: 91))
        let job = try await store.queueJob(.sample(commit: 3)).id
        _ = try await store.claimJob()
        try await store.update(Step(name: .release, state: .succeeded, startedAt: .now()), of: job)
        let change = ReleaseChange(
            place: Place(platform: "heroku", name: "shop"), images: ["web": "sha256:3"], versionBefore: 2)
        let id = try await store.begin(.release(change, .begun), of: job, step: .release)
        try await store.end(id, as: .release(change, .notDone(reason: "401")))
        try await store.finish(job, as: .failed, reason: "verify: answers 500")
        #expect(try await store.live(app: "shop", target: "production")?.replacedBy == nil)
        // What nobody knows of may have been.
        try await store.end(id, as: .release(change, .begun))
        #expect(try await store.live(app: "shop", target: "production")?.replacedBy == job)
        let made = PlatformRelease(id: "r", version: 3, wasAlreadyRunning: false)
        try await store.end(id, as: .release(change, .done(.made(made))))
        #expect(try await store.live(app: "shop", target: "production")?.replacedBy == job)
        #expect(try await store.previousRelease(app: "shop", target: "production")?.version == 2)
        try await store.record(release("sha256:2", 4, job: 92))
        #expect(try await store.live(app: "shop", target: "production")?.replacedBy == nil)
        #expect(try await store.previousRelease(app: "shop", target: "production")?.version == 1)
    }

    func `the last migration at a target is remembered, also after a restart`() async throws {
        var store = try await bench.open()
        func migrated(_ image: Int, commit: Int) -> Migrated {
            Migrated(image: "sha256:\(image)", commit: .sample(commit), command: "bin/migrate")
        }
        func isMigrated(_ migrated: Migrated, before job: JobID = 9) async throws -> Bool {
            try await store.isMigrated(migrated, app: "shop", target: "production", before: job)
        }
        #expect(try await !isMigrated(migrated(1, commit: 1)))
        try await store.record(migrated(1, commit: 1), app: "shop", target: "production", job: 1)
        try await store.record(migrated(2, commit: 2), app: "shop", target: "production", job: 2)
        try await store.record(migrated(3, commit: 3), app: "shop", target: "homolog", job: 3)
        try await store.close()
        store = try await bench.open()
        #expect(try await isMigrated(migrated(2, commit: 2)))
        #expect(try await !isMigrated(migrated(1, commit: 1)))
        // Built again, and promoted from elsewhere.
        #expect(try await isMigrated(migrated(4, commit: 2)))
        #expect(try await isMigrated(migrated(2, commit: 5)))
        var other = migrated(4, commit: 2)
        other.command = "bin/migrate --all"
        #expect(try await !isMigrated(other))
        // A job that goes on after a stop is not told of its own.
        #expect(try await isMigrated(migrated(1, commit: 1), before: 2))
    }
}

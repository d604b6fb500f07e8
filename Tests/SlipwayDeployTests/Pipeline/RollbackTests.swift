import SlipwayBase
import SlipwayCore
import TestSamples
import TestStores
import Testing

@testable import SlipwayDeploy

/// Rollbacks with real git, engine and registry; the platform is scripted.
struct RollbackTests {
    /// Two commits deployed one after the other.
    private func deployTwo(_ change: (inout App) -> Void = { _ in }) async throws -> (Bench, releases: [Release]) {
        let bench = try await Bench(.init(), change)
        for name in ["one", "two"] {
            let commit = try await bench.repository.commit(
                name, files: ["Dockerfile": Bench.dockerfile, "name": name])
            let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
            try #require(job.state == .succeeded, "\(job.reason ?? "")")
        }
        let releases = try await bench.store.releases()
        try #require(Set(releases.map(\.image)).count == 2)
        return (bench, releases)
    }

    @Test func `releases the older image and records it, without checkout, test or build`() async throws {
        let (bench, releases) = try await deployTwo { $0.test = TestRecipe(image: Parts.image, run: "true") }
        let effects = try await bench.store.effects().count
        let job = try await bench.run(.rollback(to: releases[0]))
        #expect(bench.summary(job) == "push:succeeded release:succeeded verify:succeeded", "\(job.reason ?? "")")
        #expect(
            bench.platform.calls.suffix(3)
                == ["release web=\(releases[0].image)", "dynos v17", "verify v17 \(releases[0].commit.short)"])
        let live = try #require(try await bench.store.ports.live(app: "my_app", target: "homolog"))
        #expect(live.image == releases[0].image && live.commit == releases[0].commit && live.job == job.id)
        #expect(try await bench.store.effects().dropFirst(effects).map(\.effect.kind) == [.push])
        #expect(bench.book.text(.push).contains("Back to what job 1 released: commit \(releases[0].commit)"))
        #expect(try await bench.store.ports.holds()["my_app", "homolog"].pause?.rollback == job.id)
        // Rolled back once more, without a name: to what was live before.
        let previous = try #require(try await bench.store.ports.previousRelease(app: "my_app", target: "homolog"))
        #expect(previous.job == releases[1].job)
    }

    @Test func `a push waits after a rollback, and another rollback does not`() async throws {
        let (bench, releases) = try await deployTwo()
        _ = try await bench.run(.rollback(to: releases[0]))
        let pushed = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: releases[1].commit))
        let job = try await bench.run(.rollback(to: releases[1]))
        #expect(job.state == .succeeded)
        #expect(try await bench.store.job(pushed.id).state == .queued)
    }

    @Test func `fetches the image from the registry, where a newer one has its name`() async throws {
        let (bench, releases) = try await deployTwo()
        _ = try await bench.parts.run("rmi", "--force", releases[0].image)
        try #require(try await !bench.parts.run("image", "inspect", releases[0].image).succeeded)
        let job = try await bench.run(.rollback(to: releases[0]))
        #expect(job.state == .succeeded, "\(job.reason ?? "") \(bench.book.text(.push))")
        #expect(bench.book.text(.push).contains("no longer on this engine; pulling"))
        #expect(try await bench.parts.run("run", "--rm", releases[0].image).text == "\(releases[0].commit) none\n")
    }

    @Test func `an image that is nowhere any more is named, with what to do`() async throws {
        let (bench, releases) = try await deployTwo()
        _ = try await bench.parts.run("rmi", "--force", releases[0].image)
        var lost = releases[0]
        lost.job = 99
        lost.manifest = nil
        try await bench.store.ports.record(lost)
        let job = try await bench.run(.rollback(to: lost))
        let reason = try #require(job.reason)
        #expect(reason.hasPrefix("push: the image of commit \(lost.commit.short) (\(lost.image)) is neither on"))
        #expect(reason.hasSuffix("deploy that commit again"))
        #expect(try await bench.store.ports.holds()["my_app", "homolog"].pause == nil)
        let unknown = try await bench.run(
            .rollback(
                to: .sample("my_app", "homolog", job: 98, commit: lost.commit, image: lost.image)))
        #expect(unknown.reason?.contains("no longer on record") == true)
    }

    /// Given no image for its release phase, Heroku would run that of the version that is left.
    @Test func `migrates nothing, and gives the release phase an image that does nothing`() async throws {
        let (bench, releases) = try await deployTwo {
            $0.targets[0].migrate = Migration(command: "echo migrated; exit 7", run: .releasePhase, repeatable: false)
        }
        let job = try await bench.run(.rollback(to: releases[0]))
        #expect(bench.summary(job) == "push:succeeded release:succeeded verify:succeeded", "\(job.reason ?? "")")
        #expect(bench.book.text(.push).contains("No migration is run: a database is not rolled back\n"))
        let calls = Array(bench.platform.calls.suffix(4))
        #expect(calls[0].hasPrefix("release web=\(releases[0].image) release=sha256:"))
        #expect(calls.dropFirst() == ["phase v17", "dynos v17", "verify v17 \(releases[0].commit.short)"])
        let phase = try await bench.parts.run("run", "--rm", String(calls[0].split(separator: "=").last ?? ""))
        #expect(phase.succeeded && phase.text == "a rollback: nothing is migrated\n")
        // What was migrated last stays what it was.
        for (release, isLast) in zip(releases, [false, true]) {
            let migrated = Migrated(image: release.image, commit: release.commit, command: "echo migrated; exit 7")
            let known = try await bench.store.ports.isMigrated(
                migrated, app: "my_app", target: "homolog", before: job.id)
            #expect(known == isLast)
        }
    }

    @Test func `runs no one-off migration`() async throws {
        let (bench, releases) = try await deployTwo {
            $0.targets[0].migrate = Migration(command: "bin/migrate", run: .oneOff(type: nil, size: nil))
        }
        let before = bench.platform.calls.filter { $0.hasPrefix("one-off") }.count
        #expect(before == 2)
        #expect(try await bench.run(.rollback(to: releases[0])).state == .succeeded)
        #expect(bench.platform.calls.filter { $0.hasPrefix("one-off") }.count == before)
    }

    @Test func `a rollback that fails once it has released pauses its target all the same`() async throws {
        let (bench, releases) = try await deployTwo()
        bench.platform.rewrite { $0.verifyFailure = "answers 500" }
        let job = try await bench.run(.rollback(to: releases[0]))
        #expect(job.state == .failed && job.reason == "verify: answers 500")
        #expect(try await bench.store.ports.holds()["my_app", "homolog"].pause?.rollback == job.id)
        #expect(try await bench.store.releases().count == 2)
    }
}

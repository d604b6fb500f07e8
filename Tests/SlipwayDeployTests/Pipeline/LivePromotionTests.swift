import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestStores
import Testing

@testable import SlipwayDeploy

/// Promotions of what the platform says that runs, with real git, engine and registry.
struct LivePromotionTests {
    private let bench: Bench
    private let one: Release
    private let two: Release

    /// Two commits were deployed to `homolog`, one after the other.
    init() async throws {
        bench = try await Bench { app in
            app.targets.append(Target(name: "production", place: .heroku(Parts.herokuApp()), promote: "homolog"))
        }
        for name in ["one", "two"] {
            let commit = try await bench.repository.commit(name, files: ["Dockerfile": Bench.dockerfile, "name": name])
            let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
            try #require(job.state == .succeeded, "\(job.reason ?? "")")
        }
        let releases = try await bench.store.releases()
        (one, two) = (releases[0], releases[1])
    }

    private func homolog(runs release: Release?, trouble: String? = nil) {
        bench.platform.rewrite { $0.runs[bench.herokuApp] = Self.answer(release, trouble: trouble) }
    }

    private static func answer(_ release: Release?, trouble: String? = nil) -> Sighting.Answer {
        .running(
            Sighting.Running(
                version: 20, origin: "r20", since: .now(), words: "Rollback to v1",
                clues: release.map { [.image(String($0.image.dropFirst("sha256:".count).prefix(12)))] } ?? [],
                trouble: trouble))
    }

    private func promote() async throws -> Job {
        try await bench.run(Samples.plan(.deploy, target: "production", ref: "refs/heads/main", commit: two.commit))
    }

    private var wasReleased: [String] { bench.platform.calls.filter { $0.hasPrefix("release") } }

    @Test func `takes the image that runs, and not the one that was rolled back`() async throws {
        homolog(runs: one)
        let job = try await promote()
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(wasReleased.last == "release web=\(one.image)")
        #expect(job.plan.commit.id == one.commit)
        #expect(bench.book.text(.push).contains("homolog runs commit \(one.commit) of job \(one.job)"))
    }

    @Test func `stops where what runs is not Slipway's, crashes or is not known`() async throws {
        let before = wasReleased
        homolog(runs: nil)
        var job = try await promote()
        #expect(job.state == .failed)
        #expect(
            job.reason
                == "push: homolog runs release v20, which was not made by Slipway, so there is no image to promote; deploy to "
                + "homolog or roll it back, then promote")
        homolog(runs: one, trouble: "the dyno web.1 crashed")
        job = try await promote()
        #expect(job.reason?.contains("and the dyno web.1 crashed; repair homolog") == true, "\(job.reason ?? "")")
        bench.platform.rewrite { $0.silent = [bench.herokuApp] }
        job = try await promote()
        #expect(
            job.reason
                == "push: it is not known what runs at homolog: Heroku could not be reached; when it answers, do it again"
        )
        #expect(wasReleased == before)
    }

    @Test func `stops before its release where somebody has gone back meanwhile`() async throws {
        homolog(runs: two)
        let (place, back) = (bench.herokuApp, Self.answer(one))
        bench.platform.rewrite { $0.whenPublished = { $0.rewrite { $0.runs[place] = back } } }
        let before = wasReleased
        let job = try await promote()
        #expect(job.state == .failed)
        #expect(
            job.reason
                == "nothing was promoted: homolog has gone from commit \(two.commit.short) to \(one.commit.short) since; "
                + "promote again if that is what you want")
        #expect(wasReleased == before)
    }

    @Test func `a deploy that somebody has rolled back before its end is no success`() async throws {
        let (place, back) = (bench.herokuApp, Self.answer(one))
        bench.platform.rewrite { $0.whenVerified = { $0.rewrite { $0.runs[place] = back } } }
        let commit = try await bench.repository.commit(
            "three", files: ["Dockerfile": Bench.dockerfile, "name": "three"])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect(job.state == .failed)
        #expect(
            job.reason
                == "v17 was released, and is not what runs any more: v20 (Rollback to v1) has put commit "
                + "\(one.commit.short) there since; deploy again if that was not meant")
        let target = bench.configuration.value.apps[0].targets[0]
        let standing = try await bench.store.ports.standing(app: "my_app", target: target, at: .now())
        #expect(standing.state == .behind && standing.live?.release?.job == one.job)
    }
}

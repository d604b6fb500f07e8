import SlipwayCore
import Testing

@testable import SlipwayDeploy

/// Migrations in the release phase and as a one-off, with a real engine and a scripted platform.
struct MigrationTests {
    @Test func `the release phase gets an image of the same layers whose command is the migration`() async throws {
        let bench = try await Bench { app in
            app.targets[0].migrate = Migration(command: #"echo "migrated $0" && cat /commit"#, run: .releasePhase)
            app.targets[0].processes = ["web", "worker"]
        }
        let commit = try await bench.commit()
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect(job.state == .succeeded, "\(job.reason ?? "") \(bench.book.text(.push))")
        #expect(
            bench.summary(job)
                == "checkout:succeeded build:succeeded push:succeeded migrate:succeeded release:succeeded verify:succeeded"
        )
        let image = try #require(try await bench.store.releases().first?.image)
        let call = try #require(bench.platform.calls.first)
        #expect(call.hasPrefix("release web=\(image) worker=\(image) release=sha256:"))
        let derived = String(call.split(separator: "=").last ?? "")
        #expect(derived != image)
        #expect(try await bench.parts.run("run", "--rm", derived).text == "migrated /bin/sh\n\(commit) none\n")
        let layers = ["image", "inspect", "--format", "{{json .RootFS.Layers}}"]
        let first = try await bench.parts.run(layers[0], layers[1], layers[2], layers[3], image)
        let second = try await bench.parts.run(layers[0], layers[1], layers[2], layers[3], derived)
        #expect(first.text == second.text)
        #expect(bench.platform.calls.dropFirst() == ["phase v17", "dynos v17", "verify v17 \(commit.short)"])
    }

    @Test func `a failed migration is a failed deploy, and the next attempt is another image`() async throws {
        let bench = try await Bench(.init(phaseFailure: "the migration ended with exit status 3")) { app in
            app.targets[0].migrate = Migration(command: "exit 3", run: .releasePhase)
        }
        let plan = Samples.plan(target: "homolog", commit: try await bench.commit())
        let failed = try await bench.run(plan)
        #expect(failed.state == .failed)
        #expect(failed.reason == "migrate: the migration ended with exit status 3")
        #expect(bench.summary(failed).hasSuffix("push:succeeded migrate:failed release:skipped verify:skipped"))
        #expect(try await bench.store.releases().isEmpty)
        bench.platform.rewrite { $0.phaseFailure = nil }
        let job = try await bench.run(plan)
        #expect(job.state == .succeeded)
        let releases = bench.platform.calls.filter { $0.hasPrefix("release ") }
        try #require(Set(releases).count == 2)
        let derived = String(releases[1].split(separator: "=").last ?? "")
        let label = try await bench.parts.run(
            "image", "inspect", "--format", #"{{index .Config.Labels "io.slipway.attempt"}}"#, derived)
        #expect(label.text == "1\n")
    }

    @Test func `a redeploy releases the very same images`() async throws {
        let bench = try await Bench { $0.targets[0].migrate = Migration(command: "true", run: .releasePhase) }
        let plan = Samples.plan(.deploy, target: "homolog", commit: try await bench.commit())
        _ = try await bench.run(plan)
        bench.platform.rewrite { $0.wasAlreadyRunning = true }
        let again = try await bench.run(plan)
        let releases = bench.platform.calls.filter { $0.hasPrefix("release ") }
        #expect(releases.count == 2 && Set(releases).count == 1)
        #expect(again.state == .succeeded)
        #expect(again.reason == "this image was already running as v17; it was restarted and verified")
        #expect(again.steps.first { $0.name == .migrate }?.state == .skipped)
        let recorded = try await bench.store.releases()
        #expect(recorded.count == 2 && recorded.first?.since == recorded.last?.since)
    }

    /// Given no image for its release phase, Heroku would run the last one that it was given: maybe one that failed.
    @Test func `a release phase that must not run twice is given an image that does nothing`() async throws {
        let bench = try await Bench {
            $0.targets[0].migrate = Migration(command: "echo migrated", run: .releasePhase, repeatable: false)
        }
        let plan = Samples.plan(.deploy, target: "homolog", commit: try await bench.commit())
        #expect(bench.summary(try await bench.run(plan)).contains("migrate:succeeded"))
        let again = try await bench.run(plan)
        #expect(again.state == .succeeded, "\(again.reason ?? "")")
        #expect(bench.summary(again).contains("migrate:skipped"))
        let images = bench.platform.calls.filter { $0.hasPrefix("release ") }
            .map { String($0.split(separator: "=").last ?? "") }
        #expect(bench.platform.calls.filter { $0 == "phase v17" }.count == 2)
        #expect(try await bench.parts.run("run", "--rm", images[0]).text == "migrated\n")
        #expect(try await bench.parts.run("run", "--rm", images[1]).text == "this image was migrated before\n")
    }

    @Test func `a one-off migration comes after the release and is not done twice`() async throws {
        let bench = try await Bench(.init(oneOffFailure: "exit status 1")) { app in
            app.targets[0].migrate = Migration(command: "bin/migrate", run: .oneOff(type: nil, size: nil))
        }
        let commit = try await bench.commit()
        let plan = Samples.plan(.deploy, target: "homolog", commit: commit)
        let failed = try await bench.run(plan)
        #expect(failed.reason == "migrate: exit status 1")
        #expect(bench.summary(failed).hasSuffix("release:succeeded migrate:failed verify:skipped"))
        bench.platform.rewrite {
            $0.oneOffFailure = nil
            $0.wasAlreadyRunning = true
        }
        // The release is live, its migration is not done: it is done now.
        #expect(bench.summary(try await bench.run(plan)).hasSuffix("migrate:succeeded verify:succeeded"))
        #expect(bench.summary(try await bench.run(plan)).hasSuffix("migrate:skipped verify:succeeded"))
        #expect(bench.platform.calls.filter { $0.hasPrefix("one-off") }.count == 2)
    }

    @Test func `a one-off migration is not done again because its release did not answer`() async throws {
        let bench = try await Bench(.init(verifyFailure: "answers 500")) { app in
            app.targets[0].migrate = Migration(command: "bin/migrate", run: .oneOff(type: nil, size: nil))
        }
        let plan = Samples.plan(target: "homolog", commit: try await bench.commit())
        let failed = try await bench.run(plan)
        #expect(bench.summary(failed).hasSuffix("migrate:succeeded verify:failed"))
        bench.platform.rewrite {
            $0.verifyFailure = nil
            $0.wasAlreadyRunning = true
        }
        #expect(bench.summary(try await bench.run(plan)).hasSuffix("migrate:skipped verify:succeeded"))
        #expect(bench.platform.calls.filter { $0.hasPrefix("one-off") }.count == 1)
    }
}

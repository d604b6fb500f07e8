import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Whole jobs with real git, engine and registry; the platform is scripted.
struct PipelineTests {
    @Test func `deploys a commit from the repository to the platform`() async throws {
        let bench = try await Bench { app in
            app.test = TestRecipe(
                image: Parts.image, run: "cat Dockerfile > /dev/null; id; echo tested $SLIPWAY_COMMIT")
            app.build.arguments = [("GREETING", "hi")]
        }
        let commit = try await bench.commit()
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect(job.state == .succeeded, "\(job.reason ?? "") \(bench.book.text(.build)) \(bench.book.text(.push))")
        #expect(
            bench.summary(job)
                == "checkout:succeeded test:succeeded build:succeeded push:succeeded release:succeeded verify:succeeded"
        )
        #expect(job.plan.commit.message == "one" && job.plan.commit.author == "Ada Lovelace")
        #expect(bench.book.text(.test).contains("tested \(commit)"))

        let release = try #require(try await bench.store.releases().first)
        let local = try await bench.parts.run(
            "image", "inspect", "--format", "{{.Id}}", "slipway-build:my_app-\(commit)")
        #expect(local.text == release.image + "\n", "the config digest is the engine's id")
        #expect(bench.platform.calls == ["release web=\(release.image)", "dynos v17", "verify v17 \(commit.short)"])
        #expect(release.version == 17 && release.commit == commit && release.job == job.id)

        let ran = try await bench.parts.run("run", "--rm", release.image)
        #expect(ran.text == "\(commit) hi\n")
        let label = try await bench.parts.run(
            "image", "inspect", "--format", #"{{index .Config.Labels "org.opencontainers.image.revision"}}"#,
            release.image)
        #expect(label.text == "\(commit)\n")
        #expect(
            try await bench.store.effects().map(\.effect.kind.rawValue).sorted() == ["build", "push", "test"])
        #expect(try await bench.store.effects().allSatisfy { $0.effect.state != .begun })
        // Nothing stays behind: work tree, login, containers.
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.data.path + "/work").isEmpty)
        #expect(try await bench.parts.containers(of: bench.instance).isEmpty)
    }

    @Test func `tests and builds a commit once, and again when asked to`() async throws {
        let bench = try await Bench { $0.test = TestRecipe(image: Parts.image, run: "true") }
        let commit = try await bench.commit()
        var plan = Samples.plan(.deploy, target: "homolog", commit: commit)
        _ = try await bench.run(plan)
        let again = try await bench.run(plan)
        #expect(
            bench.summary(again)
                == "checkout:succeeded test:reused build:reused push:succeeded release:succeeded verify:succeeded")
        #expect(again.steps.first { $0.name == .build }?.reason?.contains("was built before as sha256:") == true)
        plan.fresh = true
        let fresh = try await bench.run(plan)
        #expect(bench.summary(fresh).contains("test:succeeded build:succeeded"))
    }

    @Test func `two targets of one commit build it once`() async throws {
        let bench = try await Bench { $0.targets.append(Target(name: "staging", place: .heroku(Parts.herokuApp()))) }
        let commit = try await bench.commit()
        let jobs = [
            try await bench.store.enqueue(Samples.plan(target: "homolog", commit: commit)),
            try await bench.store.enqueue(Samples.plan(target: "staging", commit: commit)),
        ]
        let ended = try await bench.working {
            [try await bench.store.ended(jobs[0].id), try await bench.store.ended(jobs[1].id)]
        }
        #expect(ended.allSatisfy { $0.state == .succeeded })
        let builds = ended.flatMap(\.steps).filter { $0.name == .build }.map(\.state.rawValue).sorted()
        #expect(builds == ["reused", "succeeded"])
        #expect(Set(try await bench.store.releases().map(\.image)).count == 1)
    }

    @Test func `a failing test fails the job, nothing after it runs, and its image counts for nothing`() async throws {
        let bench = try await Bench { app in
            app.test = TestRecipe(image: Parts.image, run: "echo before\nfalse_command\necho after")
        }
        let commit = try await bench.commit()
        let plan = Samples.plan(target: "homolog", commit: commit)
        for _ in 0..<2 {
            let job = try await bench.run(plan)
            #expect(job.state == .failed)
            #expect(
                job.reason == "test: the test script ended with exit status 127: a command of it is not in the image")
            #expect(job.detail.map(\.text).contains { $0.contains("false_command") && $0.contains("not found") })
            #expect(job.detail.allSatisfy { $0.step == "test" })
            #expect(job.steps.map(\.state).dropFirst(3) == [.skipped, .skipped, .skipped])
            #expect(job.steps.first { $0.name == .test }?.state == .failed)
        }
        #expect(bench.book.text(.test).contains("before"))
        #expect(!bench.book.text(.test).contains("after"))
        #expect(bench.platform.calls.isEmpty)
        #expect(try await bench.parts.containers(of: bench.instance).isEmpty)
    }

    @Test func `only tests what no target takes`() async throws {
        let bench = try await Bench { app in
            app.test = TestRecipe(image: Parts.image, run: "env; ls")
            app.test?.environment = [("MIX_ENV", "test"), ("KEY", "line one\nline two")]
        }
        let job = try await bench.run(Samples.plan(target: nil, commit: try await bench.commit()))
        #expect(job.state == .succeeded)
        #expect(bench.summary(job) == "checkout:succeeded test:succeeded")
        #expect(bench.book.text(.test).contains("MIX_ENV=test\n"))
        #expect(bench.book.text(.test).contains("KEY=line one\nline two\n"))
        #expect(bench.book.text(.test).contains("CI=true\n"))
        #expect(!bench.book.text(.test).contains("DOCKER_"))
    }

    @Test func `a broken Dockerfile fails the build and says so`() async throws {
        let bench = try await Bench()
        let commit = try await bench.repository.commit(
            "one", files: ["Dockerfile": "FROM \(Parts.image) AS app\nRUN echo broken; exit 3\n"])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect(job.state == .failed)
        #expect(job.reason == "build: docker build failed: a command of the Dockerfile ended with exit status 3")
        let detail = try #require(job.steps.first { $0.name == .build }).detail
        #expect(detail.contains { $0.text.hasSuffix("broken") }, "\(detail)")
        #expect(detail.last?.text.contains("echo broken") == true, "the command that failed")
        for line in detail {
            let there = bench.book.text(.build).utf8.dropFirst(line.offset).prefix { $0 != UInt8(ascii: "\n") }
            #expect(String(decoding: Array(there), as: UTF8.self).hasPrefix(line.text))
        }
        #expect(bench.book.text(.build).contains("broken"))
    }

    @Test func `a secret that a detail cuts in two is not half told`() async throws {
        let bench = try await Bench()
        // A detail takes 400 characters of a line; the key begins before their end.
        let words = String(repeating: "x", count: 380) + bench.parts.key
        let broken = "FROM \(Parts.image) AS app\nCOPY words /\nRUN cat /words; exit 3\n"
        let commit = try await bench.commit("one", ["Dockerfile": broken, "words": words + "\n"])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        let detail = job.detail.map(\.text).joined(separator: "\n")
        #expect(detail.contains("xxx[REDACTED") || detail.contains("xxx…"), "\(detail)")
        #expect(!detail.contains(bench.parts.key.prefix(8)) && job.reason?.contains("xxx") == false)
    }

    @Test func `a link that leads out of the work tree is no build context`() async throws {
        let bench = try await Bench { $0.build.context = "outside" }
        _ = try await bench.commit()
        try FileManager.default.createSymbolicLink(
            atPath: bench.repository.folder.path + "/outside", withDestinationPath: "/etc")
        let commit = try await bench.repository.commit("link")
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect(job.reason == "build: build.context outside leads out of the work tree")
    }

    @Test func `a missing Dockerfile is named`() async throws {
        let bench = try await Bench { $0.build.dockerfile = "deploy/Dockerfile" }
        let bare = try await bench.repository.commit("none", files: ["start": "1"])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: bare))
        #expect(job.reason == "build: the commit has no deploy/Dockerfile, which build.dockerfile names")
    }

    @Test func `a wrong key fails the push and stays out of sight`() async throws {
        let bench = try await Bench()
        bench.configuration.value.heroku { $0.apiKey = Secret("wrong-key-0123456789") }
        let job = try await bench.run(Samples.plan(target: "homolog", commit: try await bench.commit()))
        #expect(job.state == .failed)
        #expect(job.reason?.hasPrefix("push: push to ") == true)
        #expect(job.reason?.contains("check heroku.api_key") == true, "\(job.reason ?? "")")
        #expect(!bench.book.text(.push).contains("wrong-key"))
    }
}

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
    private func commit(_ bench: Bench, _ message: String = "one", _ files: [String: String] = [:]) async throws
        -> CommitID
    {
        try await bench.repository.commit(message, files: ["Dockerfile": Bench.dockerfile].merging(files) { $1 })
    }

    @Test func `deploys a commit from the repository to the platform`() async throws {
        let bench = try await Bench { app in
            app.test = TestRecipe(
                image: Parts.image, run: "cat Dockerfile > /dev/null; id; echo tested $SLIPWAY_COMMIT")
            app.build.arguments = [("GREETING", "hi")]
        }
        let commit = try await commit(bench)
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
        let commit = try await commit(bench)
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
        let commit = try await commit(bench)
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
        let commit = try await commit(bench)
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
        let job = try await bench.run(Samples.plan(target: nil, commit: try await commit(bench)))
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
        let commit = try await commit(bench, "one", ["Dockerfile": broken, "words": words + "\n"])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        let detail = job.detail.map(\.text).joined(separator: "\n")
        #expect(detail.contains("xxx[REDACTED") || detail.contains("xxx…"), "\(detail)")
        #expect(!detail.contains(bench.parts.key.prefix(8)) && job.reason?.contains("xxx") == false)
    }

    @Test func `a link that leads out of the work tree is no build context`() async throws {
        let bench = try await Bench { $0.build.context = "outside" }
        _ = try await commit(bench)
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
        let job = try await bench.run(Samples.plan(target: "homolog", commit: try await commit(bench)))
        #expect(job.state == .failed)
        #expect(job.reason?.hasPrefix("push: push to ") == true)
        #expect(job.reason?.contains("check heroku.api_key") == true, "\(job.reason ?? "")")
        #expect(!bench.book.text(.push).contains("wrong-key"))
    }

    @Test(arguments: [
        ("DOCKER_HOST", "unix:///nowhere/docker.sock", "start the Docker engine"),
        ("SLIPWAY_DOCKER", "/nowhere/docker", "build: /nowhere/docker is not installed"),
    ])
    func `a Docker engine that does not run, or a missing CLI, is named`(
        _ name: String, _ value: String, _ words: String
    ) async throws {
        let bench = try await Bench()
        let lost = DockerEngine(environment: ProcessInfo.processInfo.environment.merging([name: value]) { $1 })
        var limits = StepLimits()
        limits.engine = .zero
        let worker = Worker(
            pipeline: Pipeline(
                queue: bench.store.ports, journal: bench.store.ports, releases: bench.store.ports, logs: bench.book,
                git: Git(data: bench.data.path, configuration: bench.configuration), docker: lost,
                platforms: Platforms([bench.platform]), data: bench.data.path, instance: bench.instance, limits: limits),
            history: bench.store.ports, configuration: bench.configuration, logger: .init(label: "test"))
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: try await commit(bench)))
        let task = Task { await worker.run() }
        let ended = try await bench.store.ended(job.id)
        task.cancel()
        await task.value
        #expect(ended.reason?.contains(words) == true, "\(ended.reason ?? "")")
    }

    @Test(arguments: [
        (#"error during connect: Post "http://%2Fvar%2Frun%2Fdocker.sock/v1.41/build": EOF"#, "it is back"),
        ("#5 ERROR: flightcontrol: exceeded retry timeout", "it answers"),
    ])
    func `a step begins again when the engine was restarted under it, or gave up`(
        _ said: String, _ isOver: String
    ) async throws {
        // A CLI whose engine fails so during the first build.
        let folder = try TemporaryFolder()
        let docker = try await DockerEngine().commands(configuration: nil).executable
        try folder.write(
            """
            #!/bin/sh
            if [ "$1" = build ] && [ ! -e \(folder.path)/down ]; then
                echo >\(folder.path)/down
                echo '\(said)' >&2
                exit 1
            fi
            exec \(docker) "$@"

            """, to: "docker")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/docker")
        let environment = ProcessInfo.processInfo.environment.merging(["SLIPWAY_DOCKER": folder.path + "/docker"]) {
            $1
        }
        let bench = try await Bench(docker: DockerEngine(environment: environment))
        let job = try await bench.run(Samples.plan(target: "homolog", commit: try await commit(bench)))
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(folder.has("down"))
        #expect(bench.book.text(.build).contains("slipway: \(isOver); beginning the step again"))
    }

    @Test func `an engine that does not come back fails the job, and the next one goes live when it has`() async throws
    {
        // A CLI whose engine is gone as long as a file is there.
        let folder = try TemporaryFolder()
        let docker = try await DockerEngine().commands(configuration: nil).executable
        try folder.write(
            """
            #!/bin/sh
            [ ! -e \(folder.path)/down ] || export DOCKER_HOST=unix:///nowhere/docker.sock
            exec \(docker) "$@"

            """, to: "docker")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/docker")
        try folder.write("", to: "down")
        let environment = ProcessInfo.processInfo.environment.merging(["SLIPWAY_DOCKER": folder.path + "/docker"]) {
            $1
        }
        var limits = StepLimits()
        limits.engine = .seconds(1)
        let bench = try await Bench(limits: limits, docker: DockerEngine(environment: environment))
        let lost = try await bench.run(Samples.plan(target: "homolog", commit: try await commit(bench)))
        print("Docker that does not come back: \(lost.state.rawValue) \(lost.reason ?? "")")
        #expect(lost.state == .failed)
        #expect(lost.reason?.hasPrefix("build: ") == true, "\(lost.reason ?? "")")
        #expect(lost.reason?.contains("start the Docker engine") == true, "\(lost.reason ?? "")")
        #expect(lost.reason?.hasSuffix("; it was waited for 1 s") == true, "\(lost.reason ?? "")")
        #expect(bench.book.text(.build).contains("slipway: the Docker engine has stopped; waiting for it"))

        try FileManager.default.removeItem(atPath: folder.path + "/down")
        let next = try await bench.run(Samples.plan(target: "homolog", commit: try await commit(bench, "two")))
        #expect(next.state == .succeeded, "\(next.reason ?? "")")
    }

    // MARK: Migrations

    @Test func `the release phase gets an image of the same layers whose command is the migration`() async throws {
        let bench = try await Bench { app in
            app.targets[0].migrate = Migration(command: #"echo "migrated $0" && cat /commit"#, run: .releasePhase)
            app.targets[0].processes = ["web", "worker"]
        }
        let commit = try await commit(bench)
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
        let plan = Samples.plan(target: "homolog", commit: try await commit(bench))
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
        let plan = Samples.plan(.deploy, target: "homolog", commit: try await commit(bench))
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
        let plan = Samples.plan(.deploy, target: "homolog", commit: try await commit(bench))
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
        let commit = try await commit(bench)
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
        let plan = Samples.plan(target: "homolog", commit: try await commit(bench))
        let failed = try await bench.run(plan)
        #expect(bench.summary(failed).hasSuffix("migrate:succeeded verify:failed"))
        bench.platform.rewrite {
            $0.verifyFailure = nil
            $0.wasAlreadyRunning = true
        }
        #expect(bench.summary(try await bench.run(plan)).hasSuffix("migrate:skipped verify:succeeded"))
        #expect(bench.platform.calls.filter { $0.hasPrefix("one-off") }.count == 1)
    }

    // MARK: Promotion

    @Test func `a promotion that nobody asked for does not go back, whatever has caused it`() async throws {
        let bench = try await Bench { app in
            app.targets.append(Target(name: "production", place: .heroku(Parts.herokuApp()), promote: "homolog"))
        }
        let one = try await commit(bench)
        _ = try await bench.run(Samples.plan(.deploy, target: "homolog", commit: one))
        let two = try await bench.repository.commit("two", files: ["file": "2"])
        _ = try await bench.run(Samples.plan(.deploy, target: "homolog", commit: two))
        let promoted = try await bench.run(Samples.plan(target: "production", commit: two))
        #expect(promoted.state == .succeeded, "\(promoted.reason ?? "")")
        _ = try await bench.run(Samples.plan(.deploy, target: "homolog", commit: one))
        // A push that no job has deployed there, so that it joins none.
        let back = try await bench.run(Samples.plan(target: "production", commit: one))
        #expect(back.state == .superseded && back.successor == promoted.id, "\(back.reason ?? "")")
        #expect(back.reason?.hasPrefix("\(one.short) is older than \(two.short)") == true)
    }

    @Test func `promotes the image that is live elsewhere, also when it is gone from this engine`() async throws {
        let production = Parts.herokuApp()
        let bench = try await Bench { app in
            app.targets.append(Target(name: "production", place: .heroku(production), promote: "homolog"))
        }
        let nothing = try await bench.run(Samples.plan(target: "production", commit: nil))
        #expect(nothing.reason == "push: nothing is live at homolog yet; deploy there first, then promote")
        let commit = try await commit(bench)
        _ = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        let image = try #require(try await bench.store.releases().first?.image)
        let promoted = try await bench.run(Samples.plan(target: "production", ref: "refs/tags/v1", commit: nil))
        #expect(
            bench.summary(promoted) == "push:succeeded release:succeeded verify:succeeded", "\(promoted.reason ?? "")")
        #expect(promoted.plan.commit.id == commit && promoted.plan.commit.message == "one")
        #expect(try await bench.store.releases().last?.image == image)
        let twice = try await bench.run(Samples.plan(.release, target: "production", ref: "refs/tags/v1", commit: nil))
        #expect(twice.state == .superseded && twice.successor == promoted.id, "\(twice.reason ?? "")")
        _ = try await bench.parts.run("rmi", "--force", image)
        let again = try await bench.run(Samples.plan(.deploy, target: "production", ref: "refs/tags/v1", commit: nil))
        #expect(again.state == .succeeded, "\(again.reason ?? "")")
        #expect(bench.book.text(.push).contains("no longer on this engine; pulling"))
    }
}

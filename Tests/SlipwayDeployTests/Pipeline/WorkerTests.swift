import Foundation
import SlipwayBase
import SlipwayCore
import TestStores
import TestSupport
import Testing

@testable import SlipwayDeploy

struct WorkerTests {
    @Test func `cancelling a job ends its test's container and everything after`() async throws {
        let bench = try await Bench { app in
            app.test = TestRecipe(image: Parts.image, run: "echo waiting; sleep 600")
        }
        let job = try await bench.store.enqueue(Samples.plan(target: nil, commit: try await bench.commit()))
        let ended = try await bench.working {
            try await bench.book.waitFor("waiting", in: .test)
            guard case .accepted = try await bench.worker.cancel(job.id, by: "ops") else {
                Issue.record("not accepted")
                return try await bench.store.ended(job.id)
            }
            return try await bench.store.ended(job.id)
        }
        #expect(ended.state == .cancelled)
        #expect(ended.reason == "cancelled by ops")
        #expect(bench.store.ports.notes == [.cancel(job.id, reason: "cancelled by ops")])
        #expect(bench.summary(ended) == "checkout:succeeded test:cancelled")
        #expect(try await bench.parts.containers(of: bench.instance).isEmpty)
        #expect(try await bench.store.effects().allSatisfy { $0.effect.state != .begun })
    }

    @Test func `a test that takes too long is ended with its container`() async throws {
        let bench = try await Bench { app in
            app.test = TestRecipe(image: Parts.image, run: "sleep 600")
            app.test?.timeout = .seconds(3)
        }
        let job = try await bench.run(Samples.plan(target: nil, commit: try await bench.commit()))
        #expect(job.state == .failed)
        #expect(job.reason == "test: took longer than 3 s and was ended; if it needs longer, raise test.timeout")
        #expect(try await bench.parts.containers(of: bench.instance).isEmpty)
    }

    @Test func `cancelling a build ends it`() async throws {
        let bench = try await Bench()
        let commit = try await bench.repository.commit(
            "one", files: ["Dockerfile": "FROM \(Parts.image) AS app\nRUN echo building $((1+1)); sleep 600\n"])
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: commit))
        let ended = try await bench.working {
            try await bench.book.waitFor("building 2", in: .build)
            _ = try await bench.worker.cancel(job.id, by: "ops")
            return try await bench.store.ended(job.id)
        }
        #expect(ended.state == .cancelled)
        #expect(bench.summary(ended).hasPrefix("checkout:succeeded build:cancelled push:cancelled"))
    }

    @Test func `a release that is under way is not cancelled`() async throws {
        let bench = try await Bench(.init(holdsRelease: true))
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: try await bench.commit()))
        let ended = try await bench.working {
            try await bench.store.wait(for: job.id) {
                $0.steps.contains { $0.name == .release && $0.state == .running }
            }
            while bench.platform.calls.isEmpty { await Task.yield() }
            guard case .passedPointOfNoReturn(.release) = try await bench.worker.cancel(job.id, by: "ops") else {
                Issue.record("not refused")
                return try await bench.store.ended(job.id)
            }
            bench.platform.proceed()
            return try await bench.store.ended(job.id)
        }
        #expect(ended.state == .succeeded)
    }

    @Test func `cancels what is queued, and knows what has ended or never was`() async throws {
        let bench = try await Bench()
        let job = try await bench.store.enqueue(Samples.plan)
        guard case .accepted = try await bench.worker.cancel(job.id, by: "ops") else {
            Issue.record("not accepted")
            return
        }
        guard case .hasEnded(.cancelled) = try await bench.worker.cancel(job.id, by: "ops") else {
            Issue.record("not ended")
            return
        }
        guard case .unknownJob = try await bench.worker.cancel(99, by: "ops") else {
            Issue.record("known")
            return
        }
    }

    @Test func `a stopping worker claims nothing more and lets the step that runs come to its end`() async throws {
        let bench = try await Bench(.init(holdsRelease: true))
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: try await bench.commit()))
        let task = Task { await bench.worker.run() }
        try await waitUntil("the release") { !bench.platform.calls.isEmpty }
        task.cancel()
        let next = try await bench.store.enqueue(Samples.plan)
        bench.platform.proceed()
        await task.value
        let left = try await bench.store.job(job.id)
        #expect(left.state == .running)
        #expect(bench.summary(left).hasSuffix("release:succeeded verify:waiting"))
        #expect(try await bench.store.job(next.id).state == .queued)
    }

    @Test func `a job whose end finds no room on the disk ends as it did once there is some`() async throws {
        var limits = StepLimits()
        limits.writePause = .milliseconds(5)
        let bench = try await Bench(limits: limits)
        bench.store.ports.fail(.jobEnd, times: 3)
        var plan = Samples.plan
        plan.app = "gone"
        let job = try await bench.run(plan)
        #expect(job.state == .failed)
        #expect(job.reason == "app gone is no longer configured", "\(job.reason ?? "")")
        bench.store.ports.fail(.jobEnd, times: 3)
        let live = try await bench.run(Samples.plan(target: "homolog", commit: try await bench.commit()))
        #expect(live.state == .succeeded, "\(live.reason ?? "")")
    }

    @Test func `a lock that comes while a job runs holds it before its release, and a stop waits for no such job`()
        async throws
    {
        var limits = StepLimits()
        limits.lockPause = .milliseconds(10)
        let bench = try await Bench(limits: limits)
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: try await bench.commit()))
        try await bench.working {
            try await bench.store.wait(for: job.id) { $0.steps.contains { $0.name == .build && $0.state == .running } }
            _ = try await bench.store.ports.lock(
                app: "my_app", target: "homolog", by: "ana", reason: "moving the database")
            try await bench.store.wait(for: job.id) {
                $0.reason == "the target is locked by ana: moving the database"
            }
        }
        // The worker has stopped at once, long before the drain's end.
        #expect(bench.platform.calls.isEmpty)
        #expect(bench.store.ports.notes == [.left(job.id)])
        _ = try await bench.store.ports.unlock(app: "my_app", target: "homolog")
        let ended = try await bench.working { try await bench.store.ended(job.id) }
        #expect(ended.state == .succeeded && ended.reason == nil, "\(ended.reason ?? "")")
    }

    @Test func `what outlasts the drain is left as it was for the next start`() async throws {
        let bench = try await Bench(drain: .milliseconds(50)) { app in
            app.test = TestRecipe(image: Parts.image, run: "echo waiting; sleep 600")
        }
        let job = try await bench.store.enqueue(Samples.plan(target: nil, commit: try await bench.commit()))
        let task = Task { await bench.worker.run() }
        try await bench.book.waitFor("waiting", in: .test)
        task.cancel()
        await task.value
        let left = try await bench.store.job(job.id)
        #expect(left.state == .running)
        #expect(bench.store.ports.notes == [.left(job.id)])
        #expect(bench.summary(left) == "checkout:succeeded test:running")
        #expect(try await bench.parts.containers(of: bench.instance).isEmpty)
    }

    @Test func `a cancel leaves no container that the engine was just making`() async throws {
        // A CLI whose engine is slow: it makes the container after its client has gone.
        let folder = try TemporaryFolder()
        var environment = ProcessInfo.processInfo.environment
        let docker = try await DockerEngine().commands(configuration: nil).executable
        try folder.write(
            """
            #!/bin/sh
            if [ "$1" = create ]; then
                setsid sh -c 'echo >"$0.begun"; sleep 0.3; "$@"; echo >"$0"' \(folder.path)/made \(docker) "$@" >/dev/null 2>&1 &
                while [ ! -e \(folder.path)/made.begun ]; do sleep 0.01; done
                echo making
                exec sleep 60
            fi
            exec \(docker) "$@"

            """, to: "docker")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/docker")
        environment["SLIPWAY_DOCKER"] = folder.path + "/docker"
        let bench = try await Bench(docker: DockerEngine(environment: environment)) { app in
            app.test = TestRecipe(image: Parts.image, run: "sleep 600")
        }
        let job = try await bench.store.enqueue(Samples.plan(target: nil, commit: try await bench.commit()))
        try await bench.working {
            try await bench.book.waitFor("making", in: .test)
            _ = try await bench.worker.cancel(job.id, by: "ada")
            #expect(try await bench.store.ended(job.id).state == .cancelled)
        }
        try await waitUntil("the file of the container") { folder.has("made") }
        #expect(try await bench.parts.containers(of: bench.instance).isEmpty)
    }

    @Test func `a start sweeps what a killed server left on the engine, and nobody else's`() async throws {
        let bench = try await Bench()
        let other = UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        let labels = ["--label", "io.slipway.instance=\(bench.instance)", "--label", "io.slipway.step=test"]
        func start(_ name: String) async throws -> String {
            let started = try await bench.parts.run(
                ["run", "--detach", "--name", name] + labels + [Parts.image, "sleep", "600"])
            try #require(started.succeeded, "\(started.lastWords)")
            return name
        }
        let left = try await start(StepContainer.name(instance: bench.instance, job: 7, step: .test))
        let others = try await start(StepContainer.name(instance: other, job: 7, step: .test))
        // What somebody runs of an image that was built here: a container has its image's labels, and a Dockerfile may
        // add to them.
        let running = [
            try await start("staging-\(other)"), try await start("slipway-\(bench.instance.prefix(12))-mine-\(other)"),
        ]
        func names() async throws -> Set<String> {
            let listed = try await bench.parts.run("ps", "--all", "--format", "{{.Names}}")
            return Set(listed.text.split(separator: "\n").map(String.init))
        }
        try bench.data.write("x", to: "work/7/source/file")
        try await bench.working {
            try await waitUntil("the sweep") { try await !names().contains(left) }
        }
        #expect(!bench.data.has("work/7"))
        #expect(try await names().isSuperset(of: running + [others]))
        _ = try await bench.parts.run(["rm", "--force"] + running + [others])
    }

    @Test func `a job of an app that is gone from the configuration says so`() async throws {
        let bench = try await Bench()
        var plan = Samples.plan
        plan.app = "gone"
        #expect(try await bench.run(plan).reason == "app gone is no longer configured")
        plan = Samples.plan(target: "gone")
        #expect(try await bench.run(plan).reason == "target gone of my_app is no longer configured")
    }

    @Test func `an instance's id stays with its data folder`() throws {
        let folder = try TemporaryFolder()
        let id = try Instance.id(in: folder.path)
        #expect(id.utf8.count == 32)
        #expect(try Instance.id(in: folder.path) == id)
        let other = try TemporaryFolder()
        #expect(try Instance.id(in: other.path) != id)
    }
}

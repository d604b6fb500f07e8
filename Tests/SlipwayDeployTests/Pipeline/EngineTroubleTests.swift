import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Jobs whose Docker engine is not there, or fails for a while.
struct EngineTroubleTests {
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
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: try await bench.commit()))
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
        let job = try await bench.run(Samples.plan(target: "homolog", commit: try await bench.commit()))
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
        let lost = try await bench.run(Samples.plan(target: "homolog", commit: try await bench.commit()))
        print("Docker that does not come back: \(lost.state.rawValue) \(lost.reason ?? "")")
        #expect(lost.state == .failed)
        #expect(lost.reason?.hasPrefix("build: ") == true, "\(lost.reason ?? "")")
        #expect(lost.reason?.contains("start the Docker engine") == true, "\(lost.reason ?? "")")
        #expect(lost.reason?.hasSuffix("; it was waited for 1 s") == true, "\(lost.reason ?? "")")
        #expect(bench.book.text(.build).contains("slipway: the Docker engine has stopped; waiting for it"))

        try FileManager.default.removeItem(atPath: folder.path + "/down")
        let next = try await bench.run(Samples.plan(target: "homolog", commit: try await bench.commit("two")))
        #expect(next.state == .succeeded, "\(next.reason ?? "")")
    }
}

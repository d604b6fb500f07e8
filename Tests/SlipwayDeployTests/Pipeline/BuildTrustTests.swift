import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestSupport
import Testing

@testable import SlipwayDeploy

/// What a commit's build may see and reach, with the real engine, registry and both of the engine's builders.
struct BuildTrustTests {
    /// - Parameter dockerfile: without a command, which an image needs to be pushed; it gets one.
    private func run(_ bench: Bench, _ dockerfile: String, files: [String: String] = [:], path: String = "Dockerfile")
        async throws -> Job
    {
        let commit = try await bench.repository.commit(
            UUID().uuidString,
            files: [path: dockerfile + "CMD [\"true\"]\n", "nonce": UUID().uuidString].merging(files) { $1 })
        return try await bench.run(Samples.plan(target: "homolog", commit: commit))
    }

    private func step(_ name: Step.Name, of job: Job) -> Step.State? { job.steps.first { $0.name == name }?.state }

    /// An image in the registry that is not on the engine.
    private func pushedImage(_ parts: Parts) async throws -> String {
        let name = "\(parts.registry)/\(Parts.herokuApp())/web"
        let folder = try TemporaryFolder()
        let login = DockerConfiguration.Login(address: parts.registry, user: "_", password: Secret(parts.key))
        let docker = try await parts.docker.commands(
            configuration: DockerConfiguration(folder: folder.path + "/docker", logins: [login]).folder)
        // Of its own: a layer that the engine has anyway would tell nothing.
        try folder.write("FROM \(Parts.image)\nRUN echo \(UUID().uuidString) >/secret\n", to: "Dockerfile")
        let build = ImageBuild(
            dockerfile: folder.path + "/Dockerfile", context: folder.path, tag: name, idFile: folder.path + "/id")
        for command in [docker.build(build), docker.push(name), docker.remove(names: [name])] {
            let result = try await CommandRunner().collect(command)
            try #require(result.succeeded, "\(command): \(result.lastWords)")
        }
        return name
    }

    @Test(arguments: [false, true])
    func `a build gets no login of Heroku's registry, which has every app's image`(isClassic: Bool) async throws {
        let docker = try await RecordingDocker(isClassic: isClassic)
        defer { withExtendedLifetime(docker) {} }
        let bench = try await Bench(docker: docker.engine) { $0.build.stage = nil }
        let image = try await pushedImage(bench.parts)
        for dockerfile in ["FROM \(image)\n", "FROM \(Parts.image)\nCOPY --from=\(image) /secret /loot\n"] {
            let job = try await run(bench, dockerfile)
            #expect(step(.build, of: job) == .failed)
            let words = "\(bench.parts.registry) refused: a build gets no login of Heroku's registry"
            #expect(job.reason?.contains(words) == true, "\(job.reason ?? "")")
        }
    }

    @Test(arguments: [false, true])
    func `a login of registries is what builds and tests pull with`(isClassic: Bool) async throws {
        let docker = try await RecordingDocker(isClassic: isClassic)
        defer { withExtendedLifetime(docker) {} }
        let bench = try await Bench(docker: docker.engine) { $0.build.stage = nil }
        let image = try await pushedImage(bench.parts)
        // Another registry than Heroku's, so that its login may be given.
        bench.configuration.value.heroku { $0.registry = "127.0.0.1:9" }
        bench.configuration.value.heroku { $0.apiKey = Secret("another-key-0123456789") }
        let refused = try await run(bench, "FROM \(image)\n")
        let words = "give \(bench.parts.registry) a login in `registries`"
        #expect(refused.reason?.contains(words) == true, "\(refused.reason ?? "")")
        #expect(refused.reason?.contains("heroku.api_key") == false)

        bench.configuration.value.registries = [
            RegistryLogin(host: bench.parts.registry, user: "_", password: Secret(bench.parts.key))
        ]
        bench.configuration.value.apps[0].test = TestRecipe(image: image, run: "cat /secret")
        let job = try await run(bench, "FROM \(image)\n")
        #expect(step(.build, of: job) == .succeeded, "\(job.reason ?? "")")
        #expect(step(.test, of: job) == .succeeded, "\(bench.book.text(.test))")
        #expect(step(.push, of: job) == .failed)
    }

    @Test func `a frontend that is not allowed is refused before the builder sees it`() async throws {
        let docker = try await RecordingDocker()
        let bench = try await Bench(docker: docker.engine) { $0.build.stage = nil }
        let job = try await run(bench, "# escape=\\\n#SYNTAX = \(bench.parts.registry)/evil/web\nFROM \(Parts.image)\n")
        #expect(job.reason?.contains("names a frontend of its own") == true, "\(job.reason ?? "")")
        #expect(job.reason?.contains("build.frontends") == true)
        #expect(docker.builds.isEmpty)
    }

    @Test func `a build's secret is in its command's hands and nowhere else`() async throws {
        let docker = try await RecordingDocker()
        try #require(try await docker.engine.commands(configuration: nil).builder.hasBuildKit)
        let value = "hunter2, \"twelve\" years"
        let bench = try await Bench(docker: docker.engine) { app in
            app.build.stage = nil
            app.build.secrets = [("api.key", Secret(value)), ("other", Secret("line one\nline two"))]
        }
        bench.configuration.value.secrets += [Secret(value)]
        let job = try await run(
            bench,
            """
            FROM \(Parts.image)
            RUN --mount=type=secret,id=api.key,required=true --mount=type=secret,id=other,target=/other,required=true \\
                cat /run/secrets/api.key && test "$(wc -c </run/secrets/api.key)" = \(value.utf8.count) && grep -q two /other

            """)
        #expect(job.state == .succeeded, "\(job.reason ?? "") \(bench.book.text(.build))")
        #expect(bench.book.text(.build).contains("[REDACTED]"))
        #expect(!bench.book.text(.build).contains("hunter2"))
        #expect(docker.builds.last?.contains("--secret id=api.key,src=") == true)
        #expect(!docker.calls.contains { $0.contains("hunter2") })
        let release = try #require(try await bench.store.releases().first)
        for inspect in [["history", "--no-trunc", release.image], ["image", "inspect", release.image]] {
            #expect(try await !bench.parts.run(inspect).text.contains("hunter2"))
        }
        let ran = try await bench.parts.run(
            "run", "--rm", release.image, "/bin/busybox", "ls", "/run/secrets", "/other")
        #expect(!ran.text.contains("api.key") || ran.text.isEmpty)
    }

    @Test func `a secret's value makes no other recipe, its name does`() {
        var app = App(name: "a", repository: "o/a", cloneURL: "file:///a")
        let without = app.recipeDigest
        app.build.secrets = [("key", Secret("one"))]
        let with = app.recipeDigest
        app.build.secrets = [("key", Secret("two"))]
        #expect(app.recipeDigest == with)
        #expect(with != without)
        app.build.secrets = []
        app.build.ssh = [SSHAccess(id: "default")]
        #expect(app.recipeDigest != without)
    }

    @Test func `without BuildKit what needs it is refused by its key, before anything is built`() async throws {
        let docker = try await RecordingDocker(isClassic: true)
        let bench = try await Bench(docker: docker.engine) { $0.build.stage = nil }
        bench.configuration.value.apps[0].build.secrets = [("key", Secret("value"))]
        var job = try await run(bench, "FROM \(Parts.image)\n")
        #expect(
            job.reason?.contains("build.secrets needs BuildKit: install docker-buildx") == true, "\(job.reason ?? "")")
        bench.configuration.value.apps[0].build.secrets = []
        bench.configuration.value.apps[0].build.ssh = [SSHAccess(id: "default", path: "/nowhere")]
        job = try await run(bench, "FROM \(Parts.image)\n")
        #expect(job.reason?.contains("build.ssh needs BuildKit") == true, "\(job.reason ?? "")")
        #expect(docker.builds.isEmpty)
    }

    @Test func `an ssh agent is used without being copied, and its lack is said`() async throws {
        let bench = try await Bench { $0.build.ssh = [SSHAccess(id: "default")] }
        let environment = ProcessInfo.processInfo.environment.filter { $0.key != "SSH_AUTH_SOCK" }
        let lonely = try await Bench(docker: DockerEngine(environment: environment)) {
            $0.build.ssh = [SSHAccess(id: "default")]
        }
        let refused = try await run(lonely, Bench.dockerfile)
        #expect(refused.reason?.contains("SSH_AUTH_SOCK") == true, "\(refused.reason ?? "")")

        let folder = try TemporaryFolder()
        let key = folder.path + "/key"
        let made = try await CommandRunner().collect(
            Command(
                "ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key], environment: CommandEnvironment.git()))
        try #require(made.succeeded, "\(made.lastWords)")
        bench.configuration.value.apps[0].build.ssh = [SSHAccess(id: "default", path: key)]
        bench.configuration.value.apps[0].build.stage = nil
        let job = try await run(
            bench, "FROM \(Parts.image)\nRUN --mount=type=ssh,required=true test -S \"$SSH_AUTH_SOCK\"\n")
        #expect(job.state == .succeeded, "\(job.reason ?? "") \(bench.book.text(.build))")
    }

    // MARK: What the builder cannot do

    @Test(arguments: [
        ("RUN <<EOF\necho one\nEOF\n", "heredocs"), ("RUN --mount=type=cache,target=/x true\n", "`RUN --mount`"),
        ("COPY --chmod=755 nonce /\n", "`COPY --chmod`"),
    ])
    func `what a builder without BuildKit cannot read is said before the build, with what to install`(
        _ instruction: String, _ words: String
    ) async throws {
        let memory = try TemporaryFolder()
        let docker = try await RecordingDocker(isClassic: true, memory: memory.path + "/builder.json")
        let bench = try await Bench(docker: docker.engine) { $0.build.stage = nil }
        let reason = try #require(try await run(bench, "FROM \(Parts.image)\n" + instruction).reason)
        #expect(reason.contains("needs \(words)"), "\(reason)")
        #expect(reason.contains("install docker-buildx"))
        let probes = docker.builds.count
        #expect(!docker.builds.contains { $0.contains("/source") })
        // Tried once for an engine's version, over a restart as well.
        _ = try await run(bench, "FROM \(Parts.image)\n" + instruction)
        #expect(docker.builds.count == probes)
        let next = try await RecordingDocker(isClassic: true, memory: memory.path + "/builder.json")
        let after = try await Bench(docker: next.engine) { $0.build.stage = nil }
        #expect(try await run(after, "FROM \(Parts.image)\n" + instruction).reason == reason)
        #expect(next.builds.isEmpty)
    }

    @Test func `what the builder can do is tried and then built`() async throws {
        let docker = try await RecordingDocker()
        let bench = try await Bench(docker: docker.engine) { $0.build.stage = nil }
        let job = try await run(bench, "FROM \(Parts.image)\nRUN --mount=type=cache,target=/x true\n")
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(docker.builds.count == 2)
    }

    @Test(arguments: [false, true])
    func `no file that a Dockerfile's own ignore file excludes is in the image`(isClassic: Bool) async throws {
        let docker = try await RecordingDocker(isClassic: isClassic)
        defer { withExtendedLifetime(docker) {} }
        let bench = try await Bench(docker: docker.engine) { app in
            app.build.stage = nil
            app.build.dockerfile = "docker/Web.Dockerfile"
        }
        let job = try await run(
            bench, "FROM \(Parts.image)\nCOPY . /app\nRUN test ! -e /app/key.pem && test -e /app/kept\n",
            files: [
                "docker/Web.Dockerfile.dockerignore": "*.pem\n", ".dockerignore": "kept\n", "key.pem": "x", "kept": "x",
            ], path: "docker/Web.Dockerfile")
        if isClassic {
            #expect(job.reason?.contains("a Dockerfile's own ignore file") == true, "\(job.reason ?? "")")
            #expect(job.reason?.contains("install docker-buildx") == true)
        } else {
            #expect(job.state == .succeeded, "\(job.reason ?? "") \(bench.book.text(.build))")
        }
    }

    // MARK: Limits

    @Test func `a test gets the limits of its configuration`() async throws {
        let bench = try await Bench { app in
            app.test = TestRecipe(
                image: Parts.image,
                run: """
                    cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes
                    cat /sys/fs/cgroup/pids.max 2>/dev/null || cat /sys/fs/cgroup/pids/pids.max
                    """)
            app.test?.limits.memoryBytes = 128 << 20
            app.test?.limits.processes = 77
            app.test?.limits.cpus = 64
        }
        let commit = try await bench.commit()
        let job = try await bench.run(Samples.plan(target: nil, commit: commit))
        #expect(job.state == .succeeded, "\(job.reason ?? "")")
        #expect(bench.book.text(.test).contains("134217728\n77\n"), "\(bench.book.text(.test))")
    }

    /// Of scripts/with-parts, where it could make one; the engine has it as its default, too.
    static let group = ProcessInfo.processInfo.environment["SLIPWAY_CGROUP_PARENT"]

    @Test(.enabled(if: group != nil), arguments: [false, true])
    func `a build runs beneath the group that the server's file names`(isClassic: Bool) async throws {
        // One of the test's own tells the option from the engine's default. BuildKit of before 23 obeys the default alone.
        let group = try #require(Self.group) + (isClassic ? "/of-a-test" : "")
        let docker = try await RecordingDocker(isClassic: isClassic)
        defer { withExtendedLifetime(docker) {} }
        let bench = try await Bench(docker: docker.engine) { $0.build.stage = nil }
        bench.configuration.value.build.cgroupParent = group
        let mark = "600.\(UInt32.random(in: 100_000...999_999))"
        let commit = try await bench.repository.commit(
            "one", files: ["Dockerfile": "FROM \(Parts.image)\nRUN exec sleep \(mark)\n"])
        let job = try await bench.store.enqueue(Samples.plan(target: "homolog", commit: commit))
        try await bench.working {
            var groups: String?
            while groups == nil, try await !bench.store.job(job.id).state.hasEnded {
                groups = Self.groups(ofCommand: "sleep\0\(mark)\0")
                try await Task.sleep(for: .milliseconds(20))
            }
            let lines = try #require(groups).split(separator: "\n").map {
                $0.split(separator: ":", maxSplits: 2).last ?? ""
            }
            #expect(lines.contains { $0.hasPrefix(group + "/") }, "\(lines)")
            _ = try await bench.worker.cancel(job.id, by: "ops")
            _ = try await bench.store.ended(job.id)
        }
    }

    private static func groups(ofCommand command: String) -> String? {
        let files = FileManager.default
        for process in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] where Int(process) != nil {
            guard files.contents(atPath: "/proc/\(process)/cmdline") == Data(command.utf8) else { continue }
            return files.contents(atPath: "/proc/\(process)/cgroup").map { String(decoding: $0, as: UTF8.self) }
        }
        return nil
    }
}

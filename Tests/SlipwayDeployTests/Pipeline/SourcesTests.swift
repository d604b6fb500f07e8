import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// What of a commit reaches images and tests, and what is said of the rest; real engine, real registry.
struct SourcesTests {
    /// In a process of its own, whose umask is that of the packaged unit.
    @Test func `under umask 077 image and tests have the commit's modes and times`() async {
        await #expect(processExitsWith: .success) {
            // The base image is every test's.
            _ = try await Parts()
            umask(0o077)
            let list = "busybox stat -c '%a %u %n' . file run sub sub/link; busybox stat -c %Y file"
            let bench = try await Bench { app in
                app.test = TestRecipe(image: Parts.image, run: list)
            }
            let folder = bench.repository.folder
            try folder.write(
                "FROM \(Parts.image) AS app\nCOPY . /app\nWORKDIR /app\n"
                    + "RUN echo 'app:x:4711:4711::/:/bin/sh' >/etc/passwd; echo 'app:x:4711:' >/etc/group\nUSER app\nRUN cat file && ./run && \(list)\n"
                    + "CMD [\"/bin/true\"]\n", to: "Dockerfile")
            try folder.write("#!/bin/sh\necho runs\n", to: "run")
            chmod(folder.path + "/run", 0o700)
            try folder.write("text", to: "sub/file")
            try FileManager.default.createSymbolicLink(atPath: folder.path + "/sub/link", withDestinationPath: "file")
            let commit = try await bench.repository.commit("one", files: ["file": "text\n"])
            let time = try await bench.repository.git("log", "-1", "--format=%ct")
            let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
            try #require(job.state == .succeeded, "\(job.reason ?? "")")
            for step in [Step.Name.test, .build] {
                let log = bench.book.text(step)
                for line in ["755 0 .", "644 0 file", "755 0 run", "755 0 sub", "777 0 sub/link", time] {
                    #expect(log.contains("\(line)\n"), "\(step.rawValue): \(line)")
                }
            }
            #expect(bench.book.text(.build).contains("runs\n"))
        }
    }

    @Test func `files in LFS are named by the log and by the step that succeeded`() async throws {
        let bench = try await Bench()
        let pointer =
            "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "a", count: 64))\nsize 4096\n"
        let commit = try await bench.repository.commit(
            "one", files: ["Dockerfile": Bench.dockerfile, "logo.png": pointer])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect(job.state == .succeeded)
        let reason = try #require(job.steps.first { $0.name == .checkout }?.reason)
        #expect(reason.hasPrefix("1 file is a Git LFS pointer (logo.png): "))
        #expect(bench.book.text(.checkout).contains("slipway: \(reason)\n"))
    }

    @Test func `a commit over a bound fails in the checkout, and names the key`() async throws {
        let bench = try await Bench()
        bench.configuration.value.server.checkout.files = 2
        let commit = try await bench.repository.commit(
            "one", files: ["Dockerfile": Bench.dockerfile, "a": "1", "b": "2"])
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect(
            job.reason?.hasPrefix(
                "checkout: commit \(commit.short) is not unpacked: it has more than 2 files and folders, the bound that "
                    + "server.checkout.files sets; ") == true, "\(job.reason ?? "")")
    }

    // MARK: The Dockerfile

    @Test(arguments: [
        // The root has none: the context's is taken.
        (
            ["backend/Dockerfile"], "Dockerfile", nil,
            "building by backend/Dockerfile, because the root has no Dockerfile"
        ),
        // Both: the root's, as it always was, and the log says so.
        (
            ["Dockerfile", "backend/Dockerfile"], "Dockerfile", nil,
            "by the root's Dockerfile and not by backend/Dockerfile"
        ),
        (["backend/Dockerfile.prod"], "backend/Dockerfile.prod", nil, "Built sha256:"),
        // Named, and where it is.
        (["backend/Dockerfile.prod"], "Dockerfile.prod", "it has backend/Dockerfile.prod: set build.dockerfile", ""),
        (["dockerfile"], "Dockerfile", "it has dockerfile: set build.dockerfile", ""),
        (
            ["backend/prod.dockerfile", "Containerfile"], "Dockerfile",
            "it has Containerfile, backend/prod.dockerfile: set", ""
        ),
        (["backend/src/Dockerfile"], "Dockerfile", "the commit has no Dockerfile, which build.dockerfile names", ""),
    ])
    func `is found in the context, or named`(
        _ files: [String], _ configured: String, _ reason: String?, _ said: String
    ) async throws {
        let bench = try await Bench { app in
            app.build.context = "./backend/"
            app.build.dockerfile = configured
        }
        var contents = ["backend/start": "1"]
        for file in files { contents[file] = Bench.dockerfile }
        let commit = try await bench.repository.commit("one", files: contents)
        let job = try await bench.run(Samples.plan(target: "homolog", commit: commit))
        #expect((job.state == .succeeded) == (reason == nil), "\(job.reason ?? "")")
        if let reason { #expect(job.reason?.contains(reason) == true, "\(job.reason ?? "")") }
        #expect(said.isEmpty || bench.book.text(.build).contains(said))
    }

    // MARK: .git

    @Test(
        arguments: [DockerBuilder.buildKit, .classic],
        ["COPY .git /git", "ADD ./.git/HEAD /", "RUN cat /app/.git/HEAD"])
    func `a build that wants the repository is told what there is instead`(
        _ builder: DockerBuilder, _ line: String
    ) async throws {
        let parts = try await Parts()
        let folder = try TemporaryFolder()
        try folder.write("FROM \(Parts.image)\nCOPY . /app\n\(line)\n", to: "Dockerfile")
        var docker = try await parts.docker.commands(configuration: nil)
        // The one that the CLI has, where it has one.
        if builder == .classic { docker.builder = .classic }
        let build = ImageBuild(
            dockerfile: folder.path + "/Dockerfile", context: folder.path, tag: "slipway-test/git:1",
            idFile: folder.path + "/id")
        let built = try await CommandRunner().stream(docker.build(build), to: MemoryLogBook().stepLog(.build))
        #expect(!built.succeeded)
        #expect(
            DockerRefusal.ofBuild(built, .buildKit, .images(closed: [], known: [])).hasSuffix(
                DockerRefusal.adviceOnGit), "\(built.lastWords)")
    }
}

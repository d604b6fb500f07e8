import Foundation
import Testing

/// A data folder that fills up while a job runs.
struct FullDiskTests {
    private static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          targets:
            production: {heroku: full-disk, when: {push: [main]}, health: {path: /, within: 9m}}
        """

    @Test func `a disk that fills up during a build is waited for, and the deploy goes on`() async throws {
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["full-disk": [:]], apps: Self.apps,
            in: { folder in
                let data = folder.appendingPathComponent("data")
                try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
                // Work trees on a disk of their own, for what an ended job frees would be room for its end.
                let mount = """
                    mount -t tmpfs -o size=16m,mode=700 tmpfs \(data.path) && mkdir \(data.path)/work &&
                    mount -t tmpfs tmpfs \(data.path)/work && exec "$@"
                    """
                return Yard.Surroundings(
                    // Else the build would wait for room, which is another story.
                    settings: ["retention: {disk_reserve_bytes: 0}"],
                    launcher: ["/usr/bin/unshare", "--mount"]
                        + (getuid() == 0 ? [] : ["--user", "--map-root-user"]) + ["/bin/sh", "-c", mount, "sh"])
            }, story)
    }

    private func story(_ yard: Yard, _ repository: Repository) async throws {
        try repository.lengthenBuild(seconds: 60)
        try await repository.commit("Take long to build")
        let number = try await yard.push(repository)
        try await yard.waitFor("building 3", in: number)
        // The server's own mount, seen through it.
        let pid = try #require(await yard.serverPID)
        let filler = "/proc/\(pid)/root\(yard.folder.path)/data/filler"
        _ = try await run("dd", ["if=/dev/zero", "of=\(filler)", "bs=64k"])
        try await yard.serverSays(/cannot be written down, trying again/)
        #expect(try await yard.ask("/healthz") == "ok")
        #expect(try await yard.job(number)["state"] as? String == "running")
        let payload = try await repository.pushPayload(ref: "refs/heads/main")
        let (refused, answer) = try await yard.deliver("push", payload)
        #expect(refused == 503, "\(answer)")

        try FileManager.default.removeItem(atPath: filler)
        let job = try await yard.finish(number)
        #expect(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        print("a disk that fills up during a build: \(job.state) \(job.reason); a delivery then: \(refused) \(answer)")

        let commit = try await repository.commit("After it")
        let next = try await yard.finish(try await yard.push(repository))
        #expect(next.state == "succeeded", "\(next.reason)\n\(next.log)")
        #expect(try await yard.page(of: "full-disk").contains(commit))
    }
}

import Foundation
import Testing

/// A wall clock that jumps, by libfaketime: nothing that waits or orders may look at it.
struct ClockTests {
    private static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          test: {image: slipway-examples/busybox, run: "test -s Dockerfile", timeout: 1m}
          build: {timeout: 1m}
          targets:
            production:
              heroku: clock
              when: {push: [main]}
              migrate: {command: /app/migrate, run: release-phase, timeout: 1m}
              health: {path: /, within: 1m}
        """

    @Test func `a clock that jumps by a day while a job runs or waits changes nothing but the times shown`()
        async throws
    {
        let library = try #require(
            try FileManager.default.contentsOfDirectory(atPath: "/usr/lib")
                .map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }.first(where: FileManager.default.fileExists),
            "run `make test`: it installs faketime")
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["clock": [:]], apps: Self.apps,
            in: { folder in
                let clock = folder.appendingPathComponent("clock")
                try Data("+0\n".utf8).write(to: clock)
                return Yard.Surroundings(environment: [
                    "LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": clock.path, "FAKETIME_NO_CACHE": "1",
                    // A machine's clock may be set; the time since it was started goes on.
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                ])
            }
        ) { yard, repository in
            try repository.lengthenBuild(seconds: 2)
            for (words, days) in [("running", 1), ("running", -1), ("waiting", 1), ("waiting", -1)] {
                try await jump(days, while: words, yard, repository)
            }
        }
    }

    private func jump(_ days: Int, while state: String, _ yard: Yard, _ repository: Repository) async throws {
        try set(0, yard)
        let commit = try await repository.commit("A jump by \(days) d while \(state)")
        if state == "waiting" { _ = try await yard.ask("/pause", "--request", "POST") }
        let number = try await yard.push(repository)
        if state == "running" { try await yard.waitFor("building 3", in: number) }
        try set(days, yard)
        if state == "waiting" { _ = try await yard.ask("/resume", "--request", "POST") }
        let job = try await yard.finish(number)
        #expect(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        #expect(try await yard.page(of: "clock").contains(commit))
        // It did jump.
        let shown = try await yard.job(number)
        let moments = try ["created_at", "finished_at"].map { name in
            try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(try #require(shown[name] as? String))
        }
        let hours = moments[1].timeIntervalSince(moments[0]) / 3600
        #expect(abs(hours - Double(days * 24)) < 1)
        print("a clock jump of \(days) d while a job is \(state): \(job.state), by its times after \(Int(hours)) h")
    }

    private func set(_ days: Int, _ yard: Yard) throws {
        let offset = days < 0 ? "\(days)d" : "+\(days)d"
        // In one step: the server reads it at any moment.
        try Data((offset + "\n").utf8).write(to: yard.folder.appendingPathComponent("clock"), options: .atomic)
    }
}

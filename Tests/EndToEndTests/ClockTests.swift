import Foundation
import Testing

/// A wall clock that jumps: nothing that waits or orders may look at it.
struct ClockTests {
    private static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          test: {image: slipway-examples/busybox, run: "test -s Dockerfile", timeout: 20m}
          build: {timeout: 20m}
          targets:
            production:
              heroku: clock
              when: {push: [main]}
              migrate: {command: /app/migrate, run: release-phase, timeout: 20m}
              health: {path: /, within: 9m}
        """

    @Test func `a clock that jumps by a day while a job runs or waits changes nothing but the times shown`()
        async throws
    {
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["clock": [:]], apps: Self.apps,
            in: { folder in
                let library = folder.appendingPathComponent("clock.so").path
                let source = Yard.source.appendingPathComponent("Tests/Clock/clock.c").path
                _ = try await run("clang", ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, source])
                    .text()
                let clock = folder.appendingPathComponent("clock")
                try Self.data(days: 0).write(to: clock)
                return Yard.Surroundings(environment: ["LD_PRELOAD": library, "TEST_CLOCK": clock.path])
            }
        ) { yard, repository in
            try repository.lengthenBuild(seconds: 10)
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
        print(
            "a clock jump of \(days) d while a job is \(state): \(job.state), by its times after \(Int(hours.rounded())) h"
        )
    }

    private func set(_ days: Int, _ yard: Yard) throws {
        let clock = try FileHandle(forWritingTo: yard.folder.appendingPathComponent("clock"))
        try clock.write(contentsOf: Self.data(days: days))
        try clock.close()
    }

    private static func data(days: Int) -> Data {
        withUnsafeBytes(of: Int64(days * 86_400)) { Data($0) }
    }
}

import Foundation
import TestSupport
import Testing

/// The real server, killed while it deploys, and started again: what happened to the world must be what happens without
/// a kill, each effect once.
///
/// `SLIPWAY_CRASH=long` (`make crash`) kills at every point of the journal and at 40 random moments; else at some of them,
/// others each day.
@Suite(.serialized)
struct CrashTests {
    /// Two targets, one for each way to migrate.
    static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          test: {image: slipway-examples/busybox, run: "test -s Dockerfile"}
          targets:
            phase:
              heroku: crash-phase
              when: {push: [phase]}
              migrate: {command: /app/migrate, run: release-phase}
              health: {path: /, within: 1m}
            one-off:
              heroku: crash-one-off
              when: {push: [one-off]}
              migrate: {command: /app/migrate, run: one-off}
              health: {path: /, within: 1m}
        """

    @Test(arguments: ["phase", "one-off"])
    func `a kill at any point of the journal changes nothing that anybody sees`(branch: String) async throws {
        try await withYard { yard, repository in
            let story = Story(yard: yard, repository: repository, branch: branch)
            let (points, expected) = try await story.uninterrupted()
            print("\(branch): \(points.count) points\n  " + points.joined(separator: "\n  "))
            var problems: [String] = []
            let chosen = Self.isLong ? points : points.sample(of: 9, seed: Self.seed)
            for point in chosen {
                try await yard.startServer(["SLIPWAY_KILL_AT": point])
                let outcome = try await story.deploy { await yard.serverEnds() }
                if outcome != expected { problems.append("\(point): \(outcome)") }
            }
            print("\(branch): killed at \(chosen.count) of \(points.count) points, \(problems.count) differ")
            #expect(problems.isEmpty, "expected \(expected)")
        }
    }

    @Test func `a kill at a random moment changes nothing that anybody sees`() async throws {
        try await withYard { yard, repository in
            let story = Story(yard: yard, repository: repository, branch: "phase")
            let (_, expected) = try await story.uninterrupted()
            var random = SeededGenerator(seed: Self.seed)
            var problems: [String] = []
            let count = Self.isLong ? 40 : 4
            for _ in 1...count {
                let moment = Duration.milliseconds(Int.random(in: 0...2500, using: &random))
                try await yard.startServer()
                let outcome = try await story.deploy {
                    try? await Task.sleep(for: moment)
                    await yard.killServer()
                }
                if outcome != expected { problems.append("after \(moment): \(outcome)") }
            }
            print("killed at \(count) random moments (seed \(Self.seed)), \(problems.count) differ")
            #expect(problems.isEmpty, "expected \(expected)")
        }
    }

    private static var isLong: Bool { ProcessInfo.processInfo.environment["SLIPWAY_CRASH"] == "long" }

    /// `SLIPWAY_SEED` repeats a run.
    private static let seed =
        ProcessInfo.processInfo.environment["SLIPWAY_SEED"].flatMap(UInt64.init)
        ?? UInt64(Date.now.timeIntervalSince1970 / 86_400)

    private func withYard(_ body: (Yard, Repository) async throws -> Void) async throws {
        try await EndToEndTests.withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["crash-phase": [:], "crash-one-off": [:]],
            apps: Self.apps, body)
    }
}

/// One push after the other to one branch, each with a commit of its own.
private struct Story {
    let yard: Yard
    let repository: Repository
    let branch: String

    /// What can be told apart from outside.
    struct Outcome: Equatable, CustomStringConvertible {
        var job: String
        var steps: [String]
        var isLive: Bool
        /// By their names, how many more there were than before.
        var effects: [String: Int]

        var description: String {
            let counts = effects.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
            return "\(job), \(steps.joined(separator: ", ")), \(isLive ? "live" : "not live"), \(counts)"
        }
    }

    /// A dyno to which nobody has attached yet has run nothing: it is stopped, and another one started. What runs in them
    /// is counted as `one_off_processes`.
    private static let repeatable: Set = ["one_off_dynos", "stops"]

    /// - Returns: the journal's points, in the order in which they were passed.
    func uninterrupted() async throws -> ([String], Outcome) {
        // The first release of an app also scales it.
        await yard.killServer()
        try await yard.startServer()
        _ = try await deploy {}
        await yard.killServer()
        let list = yard.folder.appendingPathComponent("points-\(branch)")
        try await yard.startServer(["SLIPWAY_POINTS": list.path])
        let outcome = try await deploy {}
        try #require(outcome.job == "succeeded", "\(outcome)")
        await yard.killServer()
        let points = try String(contentsOf: list, encoding: .utf8).split(separator: "\n").map(String.init)
        return (points, outcome)
    }

    /// Pushes a new commit and waits for the end of its job; the server ends in between, or does not.
    func deploy(_ interrupt: () async -> Void) async throws -> Outcome {
        let app = "crash-\(branch)"
        _ = try await repository.git("checkout", "--quiet", "-B", branch)
        let commit = try await repository.commit("Another \(UUID().uuidString)")
        let before = try await yard.effects(on: app)
        let (ref, guid) = ("refs/heads/\(branch)", UUID().uuidString)
        var job = try? await yard.push(repository, ref: ref, guid: guid)
        await interrupt()
        if await !yard.isServing { try await yard.startServer() }
        // Where the server was killed before it could answer, GitHub delivers once more.
        if job == nil { job = try await yard.push(repository, ref: ref, guid: guid) }
        let ended = try await yard.finish(try #require(job))
        let after = try await yard.effects(on: app)
        let outcome = Outcome(
            job: ended.state + (ended.state == "succeeded" ? "" : " (\(ended.reason))"), steps: ended.steps,
            isLive: try await yard.page(of: app).contains(commit),
            effects: after.merging(before) { $0 - $1 }.filter { $0.value != 0 && !Self.repeatable.contains($0.key) })
        await yard.killServer()
        return outcome
    }
}

extension [String] {
    /// Some, in their order.
    fileprivate func sample(of count: Int, seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        let chosen = Set(indices.shuffled(using: &random).prefix(count))
        return indices.filter(chosen.contains).map { self[$0] }
    }
}

/// A kind of work, played from asking for it to its end.
struct Scenario: Sendable, CustomStringConvertible {
    let name: String
    /// Where it is seen.
    var target = "phase"
    /// Each time, by a server that nobody kills.
    var prepare: (@Sendable (Stage) async throws -> Void)?
    var play: @Sendable (Stage) async throws -> Void

    var description: String { name }

    /// One for each way in which a job comes or goes; the lists are played at the same time.
    static let all = [
        [
            Scenario(name: "a push, migrated in the release phase", play: { try await push("phase", $0) }),
            Scenario(name: "a push that is only tested", play: { try await push("tested", $0) }),
            Scenario(name: "a push whose tests fail", play: { try await push("tested", test: "exit 3", $0) }),
            Scenario(name: "a newer push while the older one is tested", play: supersede),
        ],
        [
            Scenario(name: "a push, migrated by a one-off", target: "one-off", play: { try await push("one-off", $0) }),
            Scenario(
                name: "a push whose migration fails as a one-off", target: "one-off",
                play: { try await push("one-off", migration: "exit 3", $0) }),
            Scenario(
                name: "a push whose migration fails in the release phase",
                play: { try await push("phase", migration: "exit 3", $0) }),
            Scenario(name: "a push that is not delivered", play: catchUp),
        ],
        [
            Scenario(name: "a deploy that is asked for", prepare: resume, play: deploy),
            Scenario(
                name: "a deploy of what is live", prepare: resume, play: { try await ask("/deploy/hello/phase", $0) }),
            Scenario(name: "a rollback", prepare: resume, play: { try await ask("/rollback/hello/phase", $0) }),
            // Each time another image.
            Scenario(
                name: "a promotion", target: "promoted",
                prepare: { try await $0.finish($0.ask("/deploy/hello/phase?fresh=1")) }, play: promote),
        ],
    ]

    /// A rollback pauses its target.
    private static func resume(_ stage: Stage) async throws { _ = try await stage.post("/resume/hello/phase") }

    private static func push(
        _ branch: String, test: String = "", migration: String = "", _ stage: Stage
    ) async throws {
        try await stage.start()
        try await stage.commit(to: branch, test: test, migration: migration)
        try await stage.finish(stage.push(branch))
    }

    private static func supersede(_ stage: Stage) async throws {
        try await stage.start()
        try await stage.commit(to: "phase", test: "sleep 60")
        let older = try await stage.push("phase")
        try await stage.see { jobs in
            guard let job = jobs.first else { return false }
            return job.has("build", "succeeded") && job.has("test", "running") || job.hasEnded
        }
        try await stage.commit(to: "phase")
        let newer = try await stage.push("phase")
        try await stage.finish(older)
        try await stage.finish(newer)
    }

    private static func catchUp(_ stage: Stage) async throws {
        let commit = try await stage.commit(to: "phase")
        try await stage.start()
        try await stage.see { jobs in jobs.contains { $0.commit == commit } }
        try await stage.finish(stage.last + 1)
    }

    private static func deploy(_ stage: Stage) async throws {
        let tag = try await stage.tag()
        try await ask("/deploy/hello/phase?ref=\(tag)", stage)
    }

    private static func ask(_ path: String, _ stage: Stage) async throws {
        try await stage.start()
        try await stage.finish(stage.ask(path))
    }

    private static func promote(_ stage: Stage) async throws {
        try await stage.start()
        try await stage.finish(stage.publish())
    }
}

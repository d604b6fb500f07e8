import Foundation
import TestSupport
import Testing

/// Where a scenario is played: a server that dies as it is told, and people and a GitHub who then try again.
actor Stage {
    let yard: Yard
    private let repository: Repository
    /// Of the Heroku apps' names: stages stand beside each other on one engine and one registry.
    private let name: String
    /// Of the lives to come; one without lasts.
    private var deaths: [Death] = []
    /// Of this life.
    private var death: Death?
    private var killer: Task<Void, any Error>?
    private var born = ContinuousClock.now
    /// The number of the last job before this play.
    private(set) var last = 0

    private init(_ name: String, _ yard: Yard, _ repository: Repository) {
        self.name = name
        self.yard = yard
        self.repository = repository
    }

    /// One on which two commits have been live at `phase`, one after the other.
    static func with(_ body: (Stage) async throws -> Void) async throws {
        let name = "crash-" + UUID().uuidString.lowercased().prefix(8)
        let herokuApps = ["phase", "one-off", "promoted"].map { ("\(name)-\($0)", [String: String]()) }
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: Dictionary(uniqueKeysWithValues: herokuApps),
            apps: apps.replacing("NAME", with: name)
        ) { yard, repository in
            let stage = Stage(name, yard, repository)
            // What is pushed before the first look, and not delivered, is not news.
            try await yard.hasLooked()
            for _ in 1...2 { try await stage.goLive() }
            try await body(stage)
        }
    }

    private func goLive() async throws {
        try await commit(to: "phase")
        last = try await push("phase")
        try await finish(last)
    }

    /// A commit says itself how its tests and its migration end.
    private static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          test: {image: slipway-examples/busybox, run: "test -s Dockerfile; [ ! -e more-tests ] || sh more-tests"}
          targets:
            phase:
              heroku: NAME-phase
              when: {push: [phase]}
              migrate: {command: /app/migrate, run: release-phase}
              health: {path: /, within: 9m}
            one-off:
              heroku: NAME-one-off
              when: {push: [one-off]}
              migrate: {command: /app/migrate, run: one-off}
              health: {path: /, within: 9m}
            promoted:
              heroku: NAME-promoted
              when: {release: published}
              promote: phase
              migrate: {command: /app/migrate, run: release-phase}
              health: {path: /, within: 9m}
        """

    // MARK: Lives

    struct Play {
        var outcome: Outcome
        /// Whether each death has come.
        var died: Bool
        /// How long the last life was.
        var lasted: Duration
        /// Of the journal, passed in the last life.
        var points: [String]
    }

    /// Plays a scenario, and compares what is there after it with what was.
    func play(_ scenario: Scenario, _ deaths: [Death] = []) async throws -> Play {
        let app = "\(name)-\(scenario.target)"
        if let prepare = scenario.prepare {
            try await restart()
            try await prepare(self)
            last = try await newest()
        }
        await yard.killServer()
        let before = try await effects(on: app)

        self.deaths = deaths
        try await scenario.play(self)
        let jobs = try await insisting { try await self.jobs() }
        let status = try await insisting { try await self.status(of: scenario.target) }
        let page = try? await yard.page(of: app)
        let lasted = ContinuousClock.now - born
        let died = self.deaths.isEmpty && (death.map { $0.hasCome(points) } ?? true)
        killer?.cancel()
        _ = await killer?.result
        await yard.killServer()

        let after = try await effects(on: app)
        let newest = try #require(jobs.last)
        last = newest.id
        let outcome = Outcome(
            jobs: jobs.map(\.description), isLive: page?.contains(newest.commit) == true,
            isRecorded: status.liveJob == newest.id, isPaused: status.isPaused,
            effects: after.merging(before) { $0 - $1 }.filter { $0.value != 0 && !Outcome.repeatable.contains($0.key) })
        return Play(outcome: outcome, died: died, lasted: lasted, points: points)
    }

    /// Kills the server, and starts one that lives.
    func restart() async throws {
        await yard.killServer()
        try await yard.startServer()
        last = try await newest()
    }

    /// The next life.
    func start() async throws {
        while true {
            death = deaths.isEmpty ? nil : deaths.removeFirst()
            try? FileManager.default.removeItem(at: list)
            let variables = (death?.environment ?? [:]).merging(["SLIPWAY_POINTS": list.path]) { $1 }
            do {
                try await yard.startServer(variables)
                break
            } catch let error as EndedEarly {
                // Its first points come before it is ready.
                guard death?.hasCome(points) == true else { throw error }
            }
        }
        born = .now
        guard case .after(let time) = death else { return }
        killer = Task {
            try await Task.sleep(for: time)
            death = nil
            await yard.killServer()
        }
    }

    /// Tries until it has an answer, for which the server is started again where it has died.
    private func insisting<Value: Sendable>(_ ask: @Sendable () async throws -> Value) async throws -> Value {
        while true {
            do {
                return try await ask()
            } catch let failure as CommandFailure where failure.isLostServer {
                await yard.serverEnds()
                try await start()
            }
        }
    }

    private var list: URL { yard.folder.appendingPathComponent("points") }

    private var points: [String] {
        ((try? String(contentsOf: list, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    // MARK: What GitHub does

    /// - Parameters:
    ///   - test: what is run besides the app's test.
    ///   - migration: what is run as the migration.
    @discardableResult
    func commit(to branch: String, test: String = "", migration: String = "") async throws -> String {
        try repository.write(test, to: "more-tests")
        try repository.write("#!/bin/sh\n\(migration)\n", to: "migrate", executable: true)
        let commit = try await commit()
        // Once it is there, so that no look finds the branch anywhere else.
        try await repository.git("branch", "--force", branch)
        return commit
    }

    /// Of a commit that is on no branch.
    func tag() async throws -> String {
        try await commit()
        let tag = "v-\(UUID().uuidString)"
        try await repository.git("tag", tag)
        return tag
    }

    @discardableResult
    private func commit() async throws -> String {
        try await repository.git("checkout", "--quiet", "--detach")
        return try await repository.commit("Another \(UUID().uuidString)")
    }

    /// Delivers a push until it is answered.
    /// - Returns: the number of its job.
    func push(_ branch: String) async throws -> Int {
        let guid = UUID().uuidString
        return try await insisting { [yard, repository] in
            try await yard.push(repository, ref: "refs/heads/\(branch)", guid: guid)
        }
    }

    /// Delivers a release until it is answered.
    /// - Returns: the number of its job.
    func publish() async throws -> Int {
        let (payload, guid) = (try repository.releasePayload(tag: "v-\(UUID().uuidString)"), UUID().uuidString)
        return try await insisting { [yard] in try await yard.takeJob("release", payload, guid: guid) }
    }

    // MARK: What people do

    /// Asks for a job; again where the answer was lost, unless it is there.
    /// - Returns: its number.
    func ask(_ path: String) async throws -> Int {
        try await insisting {
            if let made = try await self.jobs().last { return made.id }
            return try await self.post(path)
        }
    }

    /// Asks once.
    /// - Returns: the number of the job that it makes, or 0.
    func post(_ path: String) async throws -> Int {
        let answer = try json(try await yard.ask(path, "--request", "POST", "--fail"))
        return (answer["job"] as? [String: Any])?["id"] as? Int ?? 0
    }

    /// Waits until something is to be seen of this play's jobs.
    func see(_ isSeen: @Sendable ([PlayedJob]) -> Bool) async throws {
        try await waitUntil("what was to be seen") { try await isSeen(insisting { try await self.jobs() }) }
    }

    func finish(_ job: Int) async throws {
        _ = try await insisting { [yard] in try await yard.finish(job) }
    }

    // MARK: What is to be seen

    private func newest() async throws -> Int { try await jobs("limit=1").first?.id ?? 0 }

    /// Of this play, the oldest first.
    private func jobs() async throws -> [PlayedJob] {
        try await jobs("limit=20").filter { $0.id > last }.reversed()
    }

    private func jobs(_ query: String) async throws -> [PlayedJob] {
        let page = try json(try await yard.ask("/jobs?\(query)"))
        return (page["jobs"] as? [[String: Any]] ?? []).map(PlayedJob.init)
    }

    /// Of a target, and the queue.
    struct Status {
        var liveJob: Int?
        var isLocked: Bool
        var isPaused: Bool
        var isQueuePaused: Bool
    }

    func status(of name: String) async throws -> Status {
        let status = try json(try await yard.ask("/status"))
        let targets = (status["apps"] as? [[String: Any]])?.first?["targets"] as? [[String: Any]]
        let target = try #require(targets?.first { $0["name"] as? String == name })
        return Status(
            liveJob: (target["live"] as? [String: Any])?["job"] as? Int, isLocked: target["locked"] is [String: Any],
            isPaused: target["paused"] is [String: Any],
            isQueuePaused: (status["queue"] as? [String: Any])?["paused"] is [String: Any])
    }

    private func effects(on app: String) async throws -> [String: Int] {
        var effects = try await yard.effects(on: app)
        effects["containers_left"] = try await yard.containers()
        effects["work_folders_left"] = try yard.workFolders()
        return effects
    }
}

extension CommandFailure {
    /// Of curl: it could not connect, or the answer ended halfway.
    fileprivate var isLostServer: Bool { [7, 18, 52, 56].contains(result.status) }
}

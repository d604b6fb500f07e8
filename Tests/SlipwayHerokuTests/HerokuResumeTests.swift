import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import Testing

@testable import SlipwayDeploy

/// What a step does in which the server was killed.
struct HerokuResumeTests {
    private let images = [(type: "web", image: FakeHeroku.image)]

    private func change(outcome: String? = nil) -> Effect {
        Effect(
            id: 0, step: .release, kind: .releaseFormation, nonce: "my-app",
            intent: "web=\(FakeHeroku.image) after v7", outcome: outcome)
    }

    @Test func `a release that Heroku made is taken over, and not made again`() async throws {
        try await FakeHeroku(earlier: [change()]).serve { heroku in
            heroku.on(
                "GET /apps/my-app/releases",
                json: "[\(FakeHeroku.release(8, "pending")), \(FakeHeroku.release(7, current: true))]")
            let release = try await heroku.deployment().release(images, in: heroku.context())
            #expect(release.version == 8 && release.id == "release-8" && !release.wasAlreadyRunning)
            #expect(heroku.calls("PATCH /apps/my-app/formation").isEmpty)
            #expect(heroku.journal.all.map(\.outcome) == ["v8 release-8"])
        }
    }

    @Test func `a change that never reached Heroku is made`() async throws {
        try await FakeHeroku(earlier: [change()]).serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: [
                    "[\(FakeHeroku.release(7, current: true))]",
                    "[\(FakeHeroku.release(8, "pending")), \(FakeHeroku.release(7, current: true))]",
                ])
            let release = try await heroku.deployment().release(images, in: heroku.context())
            #expect(release.version == 8)
            #expect(heroku.calls("PATCH /apps/my-app/formation").count == 1)
            #expect(heroku.journal.all.map(\.outcome) == [nil, "v8 release-8"])
        }
    }

    @Test func `a change that reaches Heroku late makes its release ours, not one that ran before`() async throws {
        let already = "The process type web was not updated, because it is already running the specified docker image."
        try await FakeHeroku(earlier: [change()]).serve { heroku in
            heroku.on("PATCH /apps/my-app/formation") { _, _ in
                HTTPResponse(.ok, headers: ["Warning-Message": already], body: .bytes(Array("[]".utf8)))
            }
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: [
                    "[\(FakeHeroku.release(7, current: true))]",
                    "[\(FakeHeroku.release(8, current: true)), \(FakeHeroku.release(7))]",
                ])
            let release = try await heroku.deployment().release(images, in: heroku.context())
            #expect(release.version == 8 && !release.wasAlreadyRunning)
            #expect(heroku.calls("DELETE /apps/my-app/dynos").isEmpty)
        }
    }

    @Test(arguments: [("v8 release-8", false), ("v7 release-7", true)])
    func `what was written down is not asked for again`(outcome: String, wasRunning: Bool) async throws {
        let restart = Effect(
            id: 1, step: .release, kind: .restartDynos, nonce: "my-app", intent: "v7", outcome: outcome)
        let earlier =
            wasRunning ? [change(outcome: "no release: already running"), restart] : [change(outcome: outcome)]
        try await FakeHeroku(earlier: earlier).serve { heroku in
            let release = try await heroku.deployment().release(images, in: heroku.context())
            #expect(release.outcome == outcome && release.wasAlreadyRunning == wasRunning)
            #expect(heroku.calls.isEmpty)
        }
    }

    @Test(arguments: [("new", 0), ("old", 1)])
    func `dynos that were restarted are not restarted again`(now: String, restarts: Int) async throws {
        let restart = Effect(
            id: 1, step: .release, kind: .restartDynos, nonce: "my-app", intent: "v7 old@2026-11-22T19:00:00Z")
        try await FakeHeroku(earlier: [change(outcome: "no release: already running"), restart]).serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on("GET /apps/my-app/releases", json: "[\(FakeHeroku.release(7, current: true))]")
            heroku.on("DELETE /apps/my-app/dynos", json: "{}", status: 202)
            heroku.on(
                "GET /apps/my-app/dynos", inTurn: ["[\(FakeHeroku.dyno("web.1", version: 7, id: now))]", "[]"])
            let release = try await heroku.deployment().release(images, in: heroku.context())
            #expect(release.version == 7 && release.wasAlreadyRunning)
            #expect(heroku.calls("DELETE /apps/my-app/dynos").count == restarts)
            #expect(heroku.journal.all.last { $0.kind == .restartDynos }?.outcome == "v7 release-7")
        }
    }

    // MARK: A one-off dyno

    private func started(_ way: String = "attached", outcome: String? = nil) -> Effect {
        Effect(
            id: 0, step: .migrate, kind: .runDyno, nonce: "cafe", intent: "\(way) in my-app: /app/bin/migrate",
            outcome: outcome)
    }

    private let followed = Effect(id: 1, step: .migrate, kind: .followDyno, nonce: "cafe", intent: "run.5")

    private func migrate(_ heroku: FakeHeroku, repeatable: Bool = false) async throws {
        var migration = Migration(command: "/app/bin/migrate", run: .oneOff(type: nil, size: nil))
        migration.repeatable = repeatable
        migration.timeout = .seconds(1_000_000)
        try await heroku.deployment().runOneOff(
            migration, in: heroku.context(step: .migrate, migrate: migration))
    }

    /// The dyno is gone, and this is what the app's log still knows.
    private func remembers(_ heroku: FakeHeroku, _ log: String) {
        heroku.on("POST /apps/my-app/log-sessions") { _, _ in
            .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/1\"}".utf8), status: .created)
        }
        heroku.on("GET /logs/1") { _, _ in .text(log) }
        heroku.on("GET /apps/my-app/dynos", json: "[]")
    }

    @Test func `a migration that ended while no server ran counts as it ended`() async throws {
        for (code, fails) in [(0, false), (3, true)] {
            try await FakeHeroku(earlier: [started(), followed]).serve { heroku in
                remembers(
                    heroku,
                    """
                    2026-11-22T19:00:02Z app[run.5]: migrating
                    2026-11-22T19:00:04Z app[run.5]: slipway-cafe exit=\(code)
                    2026-11-22T19:00:05Z heroku[run.5]: Process exited with status \(code)
                    2026-11-22T19:00:06Z heroku[run.5]: State changed from up to complete

                    """)
                if fails {
                    let reason = await failureReason { try await migrate(heroku) }
                    #expect(reason.contains("exited with status 3 in the dyno run.5"))
                } else {
                    try await migrate(heroku)
                }
                #expect(heroku.calls("POST /apps/my-app/dynos").isEmpty)
                #expect(heroku.journal.all.first?.outcome == "run.5 exited with status \(code)")
            }
        }
    }

    @Test func `one whose end nobody knows stops the job, with what to check`() async throws {
        try await FakeHeroku(earlier: [started(), followed]).serve { heroku in
            remembers(heroku, "")
            let reason = await failureReason { try await migrate(heroku) }
            #expect(reason.hasPrefix("outcome unknown"))
            #expect(reason.contains("heroku logs -d run.5 -a my-app"))
            #expect(heroku.calls("POST /apps/my-app/dynos").isEmpty)
        }
    }

    @Test func `one that was not attached to has not run, and runs`() async throws {
        try await FakeHeroku(earlier: [started()]).serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[]")
            // Where the new one begins the test may end.
            heroku.on("POST /apps/my-app/dynos", json: #"{"id": "forbidden", "message": "No."}"#, status: 403)
            let reason = await failureReason { try await migrate(heroku) }
            #expect(reason.hasPrefix("the migration has not run"))
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
            #expect(heroku.journal.all.first?.outcome?.hasPrefix("not run") == true)
        }
    }

    @Test func `one whose dyno waited in vain for its client has not run, and runs`() async throws {
        try await FakeHeroku(earlier: [started(), followed]).serve { heroku in
            remembers(
                heroku,
                """
                2026-11-22T19:00:05Z heroku[run.5]: Error R13 (Attach error) -> Failed to attach to process
                2026-11-22T19:00:05Z heroku[run.5]: Process exited with status 128
                2026-11-22T19:00:06Z heroku[run.5]: State changed from starting to complete

                """)
            heroku.on("POST /apps/my-app/dynos", json: #"{"id": "forbidden", "message": "No."}"#, status: 403)
            _ = await failureReason { try await migrate(heroku) }
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
        }
    }

    @Test func `one that may be repeated runs again, and the log says so`() async throws {
        try await FakeHeroku(earlier: [started("detached")]).serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[]")
            heroku.on("POST /apps/my-app/dynos", json: #"{"id": "forbidden", "message": "No."}"#, status: 403)
            _ = await failureReason { try await migrate(heroku, repeatable: true) }
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
            #expect(heroku.log.text.contains("it is repeatable, so it runs again"))
        }
    }

    @Test(arguments: ["run.5 exited with status 0", "run.5 exited with status 4", "run.5: outcome unknown, fog"])
    func `what was written down of it is its end`(outcome: String) async throws {
        try await FakeHeroku(earlier: [started(outcome: outcome)]).serve { heroku in
            if outcome.hasSuffix("0") {
                try await migrate(heroku)
            } else {
                let reason = await failureReason { try await migrate(heroku) }
                #expect(reason.contains(outcome.hasSuffix("4") ? "status 4 in the dyno run.5" : "outcome unknown: fog"))
            }
            #expect(heroku.calls.isEmpty)
        }
    }
}

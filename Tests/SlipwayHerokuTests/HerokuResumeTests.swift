import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

/// What a step does in which the server was killed.
struct HerokuResumeTests {
    private let change = FakeHeroku.change(.begun)

    @Test func `a release that Heroku made is taken over, and not made again`() async throws {
        try await FakeHeroku(earlier: [change]).serve { heroku in
            heroku.on(
                "GET /apps/my-app/releases",
                json: "[\(FakeHeroku.release(8, "pending")), \(FakeHeroku.release(7, current: true))]")
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.version == 8 && release.id == "release-8" && !release.wasAlreadyRunning)
            #expect(heroku.calls("PATCH /apps/my-app/formation").isEmpty)
            #expect(heroku.journal.all == [FakeHeroku.change(.done(.made(release)))])
        }
    }

    @Test func `a change that never reached Heroku is made`() async throws {
        try await FakeHeroku(earlier: [change]).serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: [
                    "[\(FakeHeroku.release(7, current: true))]",
                    "[\(FakeHeroku.release(8, "pending")), \(FakeHeroku.release(7, current: true))]",
                ])
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.version == 8)
            #expect(heroku.calls("PATCH /apps/my-app/formation").count == 1)
            #expect(heroku.journal.all == [change, FakeHeroku.change(.done(.made(release)))])
        }
    }

    @Test func `a change that reaches Heroku late makes its release ours, not one that ran before`() async throws {
        let already = "The process type web was not updated, because it is already running the specified docker image."
        try await FakeHeroku(earlier: [change]).serve { heroku in
            heroku.on("PATCH /apps/my-app/formation") { _, _ in
                HTTPResponse(.ok, headers: ["Warning-Message": already], body: .bytes(Array("[]".utf8)))
            }
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: [
                    "[\(FakeHeroku.release(7, current: true))]",
                    "[\(FakeHeroku.release(8, current: true)), \(FakeHeroku.release(7))]",
                ])
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.version == 8 && !release.wasAlreadyRunning)
            #expect(heroku.calls("DELETE /apps/my-app/dynos").isEmpty)
        }
    }

    @Test(arguments: [
        PlatformRelease(id: "release-8", version: 8, wasAlreadyRunning: false),
        PlatformRelease(id: "release-7", version: 7, wasAlreadyRunning: true),
    ])
    func `what was written down is not asked for again`(known: PlatformRelease) async throws {
        let earlier =
            known.wasAlreadyRunning
            ? [FakeHeroku.change(.done(.alreadyRunning)), restart([], .done(known))]
            : [FakeHeroku.change(.done(.made(known)))]
        try await FakeHeroku(earlier: earlier).serve { heroku in
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release == known)
            #expect(heroku.calls.isEmpty)
        }
    }

    @Test(arguments: [("new", 0), ("old", 1)])
    func `dynos that were restarted are not restarted again`(now: String, restarts: Int) async throws {
        let earlier = [FakeHeroku.change(.done(.alreadyRunning)), restart(["old@2026-11-22T19:00:00Z"], .begun)]
        try await FakeHeroku(earlier: earlier).serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on("GET /apps/my-app/releases", json: "[\(FakeHeroku.release(7, current: true))]")
            heroku.on("DELETE /apps/my-app/dynos", json: "{}", status: 202)
            heroku.on(
                "GET /apps/my-app/dynos", inTurn: ["[\(FakeHeroku.dyno("web.1", version: 7, id: now))]", "[]"])
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.version == 7 && release.wasAlreadyRunning)
            #expect(heroku.calls("DELETE /apps/my-app/dynos").count == restarts)
            #expect(heroku.journal.all.last { $0.kind == .restart }?.restart?.1 == .done(release))
        }
    }

    private func restart(_ instances: [String], _ progress: Effect.Progress<PlatformRelease>) -> Effect {
        .restart(Restart(place: FakeHeroku.place, version: 7, instances: instances), progress)
    }

    // MARK: A one-off dyno

    private func started(
        _ way: OneOffRun.Way = .attached, _ progress: Effect.Progress<OneOffEnd> = .begun
    ) -> Effect {
        FakeHeroku.oneOff("cafe", way, progress)
    }

    private let followed = Effect.followOneOff(OneOffFollow(marker: "cafe", instance: "run.5"), .done(Nothing()))

    private func migrate(_ heroku: FakeHeroku, repeatable: Bool = false) async throws {
        var migration = Migration(command: "/app/bin/migrate", run: .oneOff(type: nil, size: nil))
        migration.repeatable = repeatable
        migration.timeout = .seconds(1_000_000)
        try await heroku.platform().runOneOff(
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
                #expect(heroku.journal.all.first == started(.attached, .done(.exited(code: code, instance: "run.5"))))
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
            #expect(heroku.journal.all.map(\.state) == [.notDone, .notDone])
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
        try await FakeHeroku(earlier: [started(.detached)]).serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[]")
            heroku.on("POST /apps/my-app/dynos", json: #"{"id": "forbidden", "message": "No."}"#, status: 403)
            _ = await failureReason { try await migrate(heroku, repeatable: true) }
            #expect(heroku.calls("POST /apps/my-app/dynos").count == 1)
            #expect(heroku.log.text.contains("it is repeatable, so it runs again"))
        }
    }

    @Test(arguments: [
        (OneOffEnd.exited(code: 0, instance: "run.5"), nil),
        (.exited(code: 4, instance: "run.5"), "status 4 in the dyno run.5"),
        (.unknown(reason: "fog", instance: "run.5"), "outcome unknown: fog"),
    ])
    func `what was written down of it is its end`(end: OneOffEnd, failure: String?) async throws {
        try await FakeHeroku(earlier: [started(.attached, .done(end))]).serve { heroku in
            if let failure {
                let reason = await failureReason { try await migrate(heroku) }
                #expect(reason.contains(failure))
            } else {
                try await migrate(heroku)
            }
            #expect(heroku.calls.isEmpty)
        }
    }
}

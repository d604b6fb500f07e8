import SlipwayCore
import SlipwayHTTP
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuVerifyTests {
    private let made = PlatformRelease(id: "release-8", version: 8, wasAlreadyRunning: false)
    private let commit = CommitID(FakeHeroku.commit)!

    private func verify(
        _ heroku: FakeHeroku, _ release: PlatformRelease? = nil, path: String = "/", status: Int = 200,
        within: Duration = .seconds(120), processes: [String] = ["web"]
    ) async throws {
        var health = HealthCheck()
        health.path = path
        health.status = status
        health.within = within
        try await heroku.platform(processes: processes, health: health).verify(
            release ?? made, of: commit, in: heroku.context(step: .verify, processes: processes))
    }

    @Test func `T14: a 200 counts only once the dynos run the release`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app/dynos",
                inTurn: [
                    "[\(FakeHeroku.dyno("web.1", version: 7))]",
                    "[\(FakeHeroku.dyno("web.1", version: 8, state: "starting"))]",
                    "[\(FakeHeroku.dyno("web.1", version: 8))]",
                ])
            try await verify(heroku)
            let asked = try #require(heroku.calls.firstIndex { $0.route == "GET /" })
            #expect(heroku.calls[..<asked].count { $0.path == "/apps/my-app/dynos" } == 3)
            #expect(heroku.calls("GET /").allSatisfy { $0.headers["Authorization"] == nil })
            #expect(heroku.log.text.contains("it does not name the commit"))
        }
    }

    @Test func `an answer that names the commit is said to`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /") { _, _ in .text("version 48141bb\n") }
            try await verify(heroku)
            #expect(heroku.log.text.contains("answers 200 and names 48141bb"))
        }
    }

    @Test func `errors and refused answers are asked again`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /health") { _, count in
                count < 3 ? .text("booting", status: .serviceUnavailable) : .text("ok")
            }
            try await verify(heroku, path: "/health")
            #expect(heroku.calls("GET /health").count == 4)
            #expect(heroku.log.text.contains("it answered 503 Service Unavailable instead of 200; asking again"))
        }
    }

    @Test func `the time limit ends it with the last answer`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /") { _, _ in .text("no", status: .internalServerError) }
            let reason = await failureReason { try await verify(heroku, within: .seconds(20)) }
            #expect(reason.contains("did not answer 200 within 20 s: it answered 500 Internal Server Error"))
        }
    }

    @Test func `a redirect within the host is followed, to another host not`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /") { _, _ in HTTPResponse(.seeOther, headers: ["Location": "/login?x=1"]) }
            heroku.on("GET /login") { _, _ in .text("ok") }
            try await verify(heroku)
            heroku.on("GET /") { _, _ in
                HTTPResponse(.seeOther, headers: ["Location": "http://localhost:\(heroku.port)/login"])
            }
            let reason = await failureReason { try await verify(heroku, within: .seconds(5)) }
            #expect(reason.contains("it sends elsewhere, to localhost"))
            heroku.on("GET /") { _, _ in HTTPResponse(.seeOther, headers: ["Location": "/"]) }
            let loop = await failureReason { try await verify(heroku, within: .seconds(5)) }
            #expect(loop.contains("more than 5 times"))
        }
    }

    @Test func `a redirect that is asked for is the answer`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /") { _, _ in HTTPResponse(.seeOther, headers: ["Location": "http://elsewhere.example/"]) }
            try await verify(heroku, status: 303)
            #expect(heroku.log.text.contains("answers 303"))
        }
    }

    @Test func `preboot: an old dyno's 200 is not believed until the commit shows`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/features/preboot", json: #"{"enabled": true}"#)
            heroku.on("GET /") { _, count in .text(count < 10 ? "old" : FakeHeroku.commit) }
            try await verify(heroku, within: .seconds(10))
            #expect(heroku.calls("GET /").count == 11)
            #expect(heroku.log.text.contains("my-app has preboot"))
        }
    }

    @Test func `preboot: without the commit, once the old dynos are gone for certain`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/features/preboot", json: #"{"enabled": true}"#)
            let watch = Stopwatch(heroku.clock)
            try await verify(heroku, within: .seconds(10))
            #expect(watch.elapsed >= .seconds(210))
        }
    }

    @Test func `T12: a dyno that keeps crashing ends it early`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[\(FakeHeroku.dyno("web.1", version: 8, state: "crashed"))]")
            let reason = await failureReason { try await verify(heroku, within: .seconds(3600)) }
            #expect(reason.contains("the dyno web.1 of my-app, on v8, which is live, crashes: it runs as"))
            #expect(reason.contains("$PORT"))
            #expect(reason.contains("heroku logs -d web.1 -a my-app"))
            #expect((2...20).contains(heroku.calls("GET /apps/my-app/dynos").count))
        }
    }

    @Test func `a crash shows what the dyno said last`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[\(FakeHeroku.dyno("web.1", version: 8, state: "crashed"))]")
            heroku.on("POST /apps/my-app/log-sessions") { _, _ in
                .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/secret-log\"}".utf8), status: .created)
            }
            heroku.on("GET /logs/secret-log") { _, _ in
                .text(
                    """
                    2026-11-22T19:00:57Z app[web.1]: Error: of the release before
                    2026-11-22T19:00:58Z app[api]: Release v8 created by user ops@example.com
                    2026-11-22T19:00:59Z app[worker.1]: fine
                    2026-11-22T19:01:00Z app[web.1]: no such file: config.exs
                    2026-11-22T19:01:01Z heroku[web.1]: Process exited with status 1

                    """)
            }
            let reason = await failureReason { try await verify(heroku, within: .seconds(3600)) }
            #expect(
                reason.contains(
                    "on v8, which is live, exited with status 1, most often because a config var is missing"))
            #expect(reason.contains("; what it said last is in this step's log; repair it"))
            #expect(!heroku.log.text.contains("of the release before"))
            #expect(heroku.log.text.contains("no such file: config.exs\nProcess exited with status 1\n"))
            #expect(!heroku.log.text.contains("fine") && !heroku.log.text.contains("secret-"))
        }
    }

    @Test func `of a crash that said much the beginning and the end are shown`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[\(FakeHeroku.dyno("web.1", version: 8, state: "crashed"))]")
            heroku.on("POST /apps/my-app/log-sessions") { _, _ in
                .json(Array("{\"logplex_url\": \"\(heroku.url)/logs/x\"}".utf8), status: .created)
            }
            heroku.on("GET /logs/x") { _, _ in
                .text((1...1000).map { "2026-11-22T19:01:00Z app[web.1]: line \($0).\n" }.joined())
            }
            _ = await failureReason { try await verify(heroku, within: .seconds(3600)) }
            let text = heroku.log.text
            #expect(text.contains("line 1.\n") && text.contains("line 150.\n") && !text.contains("line 151.\n"))
            #expect(text.contains("700 lines are left out here"))
            #expect(!text.contains("line 850.\n") && text.contains("line 851.\n") && text.contains("line 1000.\n"))
        }
    }

    /// As it is in maintenance mode, or not.
    private func app(_ heroku: FakeHeroku, maintenance: Bool) -> HTTPResponse {
        .json(
            Array(
                #"{"name": "my-app", "web_url": "http://127.0.0.1:\#(heroku.port)/", "maintenance": \#(maintenance)}"#
                    .utf8))
    }

    @Test func `in maintenance mode the dynos are what counts, and the log says so`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app") { _, _ in app(heroku, maintenance: true) }
            heroku.on("GET /") { _, _ in .text("no", status: .serviceUnavailable) }
            try await verify(heroku)
            #expect(heroku.calls("GET /").isEmpty)
            #expect(heroku.log.text.contains("my-app is in maintenance mode, so its address answers 503"))
            heroku.on("GET /apps/my-app/dynos", json: "[\(FakeHeroku.dyno("web.1", version: 8, state: "crashed"))]")
            await #expect(throws: StepFailure.self) { try await verify(heroku) }
        }
    }

    @Test func `maintenance mode that begins meanwhile is no failure, and web that was scaled to 0 is named`()
        async throws
    {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app") { _, before in app(heroku, maintenance: before > 0) }
            heroku.on("GET /") { _, _ in .text("no", status: .serviceUnavailable) }
            try await verify(heroku, within: .seconds(20))
            #expect(!heroku.calls("GET /").isEmpty)
            #expect(heroku.log.text.contains("my-app is in maintenance mode"))
        }
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /") { _, _ in .text("no", status: .serviceUnavailable) }
            heroku.on(
                "GET /apps/my-app/formation",
                inTurn: [#"[{"type": "web", "quantity": 1}]"#, #"[{"type": "web", "quantity": 0}]"#])
            let reason = await failureReason { try await verify(heroku, within: .seconds(20)) }
            #expect(reason.contains("my-app has no web dyno that could answer: start one with `heroku ps:scale web=1"))
        }
    }

    @Test func `one crash that recovers is none`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app/dynos",
                inTurn: [
                    "[\(FakeHeroku.dyno("web.1", version: 8, state: "crashed"))]",
                    "[\(FakeHeroku.dyno("web.1", version: 8))]",
                ])
            try await verify(heroku)
        }
    }

    @Test func `an app without a web_url says what to do`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app", json: #"{"name": "my-app", "web_url": null}"#)
            let reason = await failureReason { try await verify(heroku) }
            #expect(reason.contains("has no web_url"))
        }
    }

    @Test func `web scaled to nothing cannot be verified`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/formation", json: #"[{"type": "web", "quantity": 0}]"#)
            let reason = await failureReason { try await verify(heroku) }
            #expect(reason.contains("heroku ps:scale web=1"))
            #expect(heroku.calls("GET /").isEmpty)
        }
    }

    @Test func `an app of workers only is verified by its dynos`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/formation", json: #"[{"type": "worker", "quantity": 1}]"#)
            heroku.on("GET /apps/my-app/dynos", json: "[\(FakeHeroku.dyno("worker.1", version: 8))]")
            try await verify(heroku, processes: ["worker"])
            #expect(heroku.calls("GET /").isEmpty)
        }
    }

    @Test func `T13: a first release scales web to 1, a later one leaves it`() async throws {
        let releases = [FakeHeroku.release(8), FakeHeroku.release(1, description: "Initial release")]
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app/formation",
                inTurn: [#"[{"type": "web", "quantity": 0}]"#, #"[{"type": "web", "quantity": 1}]"#])
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on("GET /apps/my-app/releases", json: "[\(releases.joined(separator: ","))]")
            try await heroku.platform().waitForDynos(made, in: heroku.context())
            #expect(
                heroku.calls("PATCH /apps/my-app/formation").map(\.body) == [
                    #"{"updates":[{"quantity":1,"type":"web"}]}"#
                ]
                    || heroku.calls("PATCH /apps/my-app/formation").map(\.body)
                        == [#"{"updates":[{"type":"web","quantity":1}]}"#]
            )
            #expect(heroku.log.text.contains("first release of my-app, whose web is scaled to 0: scaling it to 1"))
        }
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/formation", json: #"[{"type": "web", "quantity": 0}]"#)
            heroku.on("GET /apps/my-app/releases", json: "[\(FakeHeroku.release(8)), \(FakeHeroku.release(7))]")
            try await heroku.platform().waitForDynos(made, in: heroku.context())
            #expect(heroku.calls("PATCH /apps/my-app/formation").isEmpty)
            #expect(heroku.log.text.contains("is scaled to 0 and stays so"))
        }
    }

    @Test func `dynos that do not come up are named with their state`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[\(FakeHeroku.dyno("web.1", version: 8, state: "starting"))]")
            let reason = await failureReason {
                try await heroku.platform().waitForDynos(made, in: heroku.context())
            }
            #expect(reason.contains("did not all come up on v8 in 10 min: web.1 starting"))
        }
    }

    @Test func `T10: a release that fails by an old release image is not waited for`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/dynos", json: "[\(FakeHeroku.dyno("web.1", version: 7))]")
            heroku.on(
                "GET /apps/my-app/releases/release-8",
                inTurn: [FakeHeroku.release(8, "pending"), FakeHeroku.release(8, "failed")])
            let reason = await failureReason {
                try await heroku.platform().waitForDynos(made, in: heroku.context())
            }
            #expect(reason.contains("release v8 of my-app failed on Heroku"))
            #expect(reason.contains("heroku container:rm release -a my-app"))
        }
    }
}

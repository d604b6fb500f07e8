import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import TestLogs
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuSightTests {
    private func look(_ heroku: FakeHeroku) async throws -> Sighting.Answer {
        var limits = HerokuLimits.forOneTry
        limits.answerTime = .seconds(600)
        let api = HerokuAPI(
            heroku.settings, userAgent: "slipway/test", client: HTTPClient(tls: try .current()), clock: heroku.clock,
            limits: limits, logger: heroku.serverLog.logger)
        return try await HerokuSight(api: api, app: FakeHeroku.app, processes: ["web"]).look()
    }

    private func running(_ heroku: FakeHeroku) async throws -> Sighting.Running? {
        if case .running(let running) = try await look(heroku) { running } else { nil }
    }

    private func release(_ version: Int, _ description: String, current: Bool = false) -> String {
        """
        {"id": "release-\(version)", "version": \(version), "status": "succeeded", "current": \(current),
         "description": "\(description)", "created_at": "2026-11-22T19:00:0\(version % 10)Z", "slug": null,
         "user": {"email": "ops@example.com"}, "output_stream_url": null}
        """
    }

    @Test func `says what the current release runs, since when and whose doing it is`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app/releases",
                json: """
                    [\(release(7, "Deployed web (142013fe2b5c)")), \(release(8, "Deployed web (ffffffffffff)")), \
                    \(release(9, "Rollback to v7", current: true))]
                    """)
            let running = try #require(try await running(heroku))
            #expect(running.version == 9 && running.origin == "release-9" && running.trouble == nil)
            #expect(running.since == Timestamp("2026-11-22T19:00:09Z"))
            #expect(running.words == "Rollback to v7" && running.account == "ops@example.com")
            #expect(running.clues == [.release("release-9"), .release("release-7"), .image("142013fe2b5c")])
            #expect(
                heroku.calls("GET /apps/my-app/releases").map { $0.headers["Range"] } == [
                    "version ..; max=30, order=desc"
                ])
        }
    }

    @Test func `asks for more releases where the image came with an older one`() async throws {
        try await FakeHeroku().serve { heroku in
            let many = (8...37).reversed().map { release($0, "Set A config vars", current: $0 == 37) }
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: [
                    "[\(many.joined(separator: ","))]",
                    "[\((many + [release(7, "Deployed web (142013fe2b5c)")]).joined(separator: ","))]",
                ])
            let running = try #require(try await running(heroku))
            #expect(running.version == 37 && running.origin == "release-7")
            #expect(running.clues.last == .image("142013fe2b5c"))
            #expect(heroku.calls("GET /apps/my-app/releases").count == 2)
        }
    }

    @Test func `an app is down when all dynos of a type crashed`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/formation", json: #"[{"type": "web", "quantity": 2}]"#)
            heroku.on(
                "GET /apps/my-app/dynos",
                inTurn: [
                    "[\(FakeHeroku.dyno("web.1", version: 7, state: "crashed")), \(FakeHeroku.dyno("web.2", version: 7))]",
                    """
                    [\(FakeHeroku.dyno("web.1", version: 7, state: "crashed")), \
                    \(FakeHeroku.dyno("web.2", version: 7, state: "crashed"))]
                    """,
                    "[\(FakeHeroku.dyno("run.1", version: 7, state: "crashed"))]",
                ])
            var troubles: [String?] = []
            for _ in 1...3 { troubles.append(try await running(heroku)?.trouble) }
            #expect(troubles == [nil, "all dynos of web crashed", nil])
        }
    }

    @Test func `a new app runs nothing`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app/releases",
                json: "[\(release(1, "Initial release")), \(release(2, "Enable Logplex", current: true))]")
            let answer = try await look(heroku)
            #expect(answer == .nothing)
        }
    }

    @Test func `what keeps Heroku from answering is said in a sentence, after one try`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app/releases", json: #"{"id": "unavailable", "message": "Not now."}"#, status: 503)
            do {
                _ = try await look(heroku)
                Issue.record("it answered")
            } catch let error as NoAnswer {
                #expect(error.reason.contains("reading the releases of my-app"), "\(error.reason)")
            }
            #expect(heroku.calls("GET /apps/my-app/releases").count == 1)
        }
    }
}

import SlipwayCore
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuCheckTests {
    private func findings(_ heroku: FakeHeroku) async throws -> [Finding] {
        await HerokuCheck(heroku.settings, userAgent: "slipway/test", limits: .ofTests).findings([
            Target(name: "homolog", place: .heroku("my-app"))
        ])
    }

    private func expect(_ heroku: FakeHeroku, _ words: String, _ level: Finding.Level = .error) async throws {
        let last = try await findings(heroku).last
        #expect(last?.level == level)
        #expect(last?.text.contains(words) == true)
    }

    @Test func `holds for a reachable account and an app on the container stack`() async throws {
        try await FakeHeroku().serve { heroku in
            let findings = try await findings(heroku)
            #expect(findings.map(\.level) == [.ok, .ok])
            #expect(findings[0].text == "heroku: Heroku accepts the API key of ops@example.com")
            #expect(heroku.calls.allSatisfy { $0.method == "GET" })
        }
    }

    @Test func `a wrong key is one finding, not one for each app`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /account", json: #"{"id": "unauthorized", "message": "Invalid credentials provided."}"#,
                status: 401)
            let findings = try await findings(heroku)
            #expect(findings.map(\.level) == [.error])
            #expect(findings[0].text.contains("does not accept the API key"))
        }
    }

    @Test func `a missing app, a wrong stack and a wrong generation say what to do`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app", json: #"{"id": "not_found", "message": "Couldn't find that app."}"#, status: 404)
            try await expect(heroku, "check the target's `heroku:` name")
            heroku.on("GET /apps/my-app", json: #"{"name": "my-app", "stack": {"name": "heroku-24"}}"#)
            try await expect(heroku, "heroku stack:set container -a my-app", .warning)
            heroku.on("GET /apps/my-app", json: #"{"name": "my-app", "generation": {"name": "fir"}}"#)
            try await expect(heroku, "generation cedar")
        }
    }

    @Test func `what the next deploy takes away is warned of`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app/formation",
                json:
                    #"[{"type": "web", "quantity": 1}, {"type": "worker", "quantity": 2}, {"type": "clock", "quantity": 0}]"#
            )
            try await expect(heroku, "runs worker, which its target's processes do not name", .warning)
            heroku.on(
                "GET /apps/my-app/formation",
                json: #"[{"type": "web", "quantity": 1}, {"type": "release", "quantity": 0}]"#)
            try await expect(heroku, "has an image of the type release, but its target has no migration", .warning)
        }
    }
}

import SlipwayBase
import SlipwayHTTP
import TestLogs
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuAPITests {
    private func api(_ heroku: FakeHeroku) throws -> HerokuAPI {
        try heroku.platform().api.reporting(to: heroku.context().log)
    }

    @Test func `every call carries version, key and program`() async throws {
        try await FakeHeroku().serve { heroku in
            _ = try await api(heroku).app("my-app")
            let call = try #require(heroku.calls.first)
            #expect(call.headers["Accept"] == "application/vnd.heroku+json; version=3")
            #expect(call.headers["Authorization"] == "Bearer \(FakeHeroku.key)")
            #expect(call.headers["User-Agent"] == "slipway/test")
        }
    }

    @Test func `every answer has a line in the server's log, at the level debug`() async throws {
        try await FakeHeroku().serve { heroku in
            _ = try await api(heroku).app("my-app")
            #expect(
                heroku.serverLog.lines == ["heroku left=- method=GET path=/apps/my-app request=- status=200"])
        }
    }

    @Test func `a container release asks for its own version of the API`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            _ = try await api(heroku).setImages(
                ["web", "release"].map { ProcessImage(type: $0, image: FakeHeroku.image) }, of: "my-app")
            let call = try #require(heroku.calls.first)
            #expect(call.headers["Accept"] == "application/vnd.heroku+json; version=3.docker-releases")
            #expect(call.headers["Content-Type"] == "application/json")
            #expect(call.body.contains("\"docker_image\":\"\(FakeHeroku.image)\""))
            #expect(call.body.contains("\"type\":\"release\""))
        }
    }

    @Test func `a name from the file never reaches another path`() async throws {
        try await FakeHeroku().serve { heroku in
            _ = try? await api(heroku).app("my-app/dynos?x=")
            #expect(!heroku.calls.contains { $0.path == "/apps/my-app/dynos" })
        }
    }

    @Test func `warnings and the request's id are in the log`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("DELETE /apps/my-app/dynos") { _, _ in
                HTTPResponse(
                    .accepted, headers: ["Request-Id": "9d7f", "X-Heroku-Warning": "old stack"],
                    body: .bytes(Array("{}".utf8)))
            }
            try await api(heroku).restartDynos("my-app")
            #expect(heroku.log.text.contains("Heroku warns: old stack\n"))
            #expect(heroku.log.text.contains("202 Accepted, request 9d7f"))
        }
    }

    @Test func `the rate limit is waited for with growing pauses, said in the log`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /account") { _, count in
                count < 2
                    ? .json(
                        Array(#"{"id": "rate_limit", "message": "Your account reached the API rate limit"}"#.utf8),
                        status: .tooManyRequests)
                    : .json(Array(#"{"email": "a@example.com"}"#.utf8))
            }
            let watch = Stopwatch(heroku.clock)
            let account = try await api(heroku).account()
            #expect(account.email == "a@example.com")
            #expect(watch.elapsed >= .seconds(22 + 45))
            #expect(
                heroku.log.text.contains("Heroku's rate limit is used up while reading the account; trying again in"))
        }
    }

    @Test func `a failing server is asked again a bounded number of times`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /account") { _, _ in .text("<html>nothing of use", status: .serviceUnavailable) }
            await #expect(throws: HerokuError.self) { try await api(heroku).account() }
            #expect(heroku.calls.count == HerokuLimits().tries)
        }
    }

    @Test func `a POST of a dyno is repeated after 409 and 429 only`() async throws {
        let request = OneOffRequest(command: "x", attach: true, time_to_live: 60)
        try await FakeHeroku().serve { heroku in
            heroku.on("POST /apps/my-app/dynos") { _, count in
                switch count {
                case 0: .json(Array(#"{"id": "conflict", "message": "release not found yet"}"#.utf8), status: .conflict)
                case 1: .json(Array(#"{"id": "rate_limit", "message": "wait"}"#.utf8), status: .tooManyRequests)
                default: .json(Array(FakeHeroku.dyno("run.1", version: 8).utf8), status: .created)
                }
            }
            let dyno = try await api(heroku).runDyno(request, of: "my-app")
            #expect(dyno.name == "run.1")
            #expect(heroku.calls.count == 3)
        }
        for status in [500, 503, 422, 404] {
            try await FakeHeroku().serve { heroku in
                heroku.on("POST /apps/my-app/dynos", json: "{}", status: status)
                await #expect(throws: HerokuError.self) { try await api(heroku).runDyno(request, of: "my-app") }
                #expect(heroku.calls.count == 1)
            }
        }
    }

    @Test func `nobody listening is "could not be reached", after several tries`() async throws {
        let heroku = FakeHeroku()
        try await heroku.serve { _ in }
        // Its port is closed now, or soon.
        let error = await #expect(throws: HerokuError.self) {
            while true { _ = try await api(heroku).account() }
        }
        #expect(error?.sentence.contains("could not be reached") == true)
    }

    @Test(arguments: [
        (401, "unauthorized", "make a new one with `heroku authorizations:create`"),
        (402, "delinquent", "has to be paid"),
        (403, "two_factor", "second factor"),
        (403, "forbidden", "give the API key's account access"),
        (404, "not_found", "check the target's `heroku:` name"),
        (
            422, "invalid_params",
            "Heroku refused the request while reading the app my-app (422 invalid_params: why, request 77)"
        ),
    ])
    func `each refusal says what to do`(status: Int, id: String, words: String) async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /apps/my-app") { _, _ in
                var response = HTTPResponse.json(
                    Array("{\"id\": \"\(id)\", \"message\": \"why\"}".utf8), status: HTTPStatus(status))
                response.headers["Request-Id"] = "77"
                return response
            }
            let error = await #expect(throws: HerokuError.self) { try await api(heroku).app("my-app") }
            #expect(error?.sentence.contains(words) == true, "\(error?.sentence ?? "")")
            #expect(heroku.calls.count == 1)
        }
    }

    @Test func `an answer that is no JSON of Heroku's names the field`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("GET /account", json: "{}")
            let error = await #expect(throws: HerokuError.self) { try await api(heroku).account() }
            #expect(error?.sentence.contains("no `email`") == true)
        }
    }
}

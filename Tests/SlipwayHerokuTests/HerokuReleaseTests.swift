import SlipwayCore
import SlipwayHTTP
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

struct HerokuReleaseTests {
    private let already = HTTPResponse(
        .ok,
        headers: [
            "Warning-Message":
                "The process type web was not updated, because it is already running the specified docker image."
        ], body: .bytes(Array("[]".utf8)))

    @Test func `finds the release by its version and its image`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: [
                    "[\(FakeHeroku.release(7, current: true))]",
                    "[\(FakeHeroku.release(7, current: true))]",
                    """
                    [\(FakeHeroku.release(9, description: "Set LANG config vars")), \
                    \(FakeHeroku.release(8, "pending")), \(FakeHeroku.release(7, current: true))]
                    """,
                ])
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.version == 8)
            #expect(release.id == "release-8")
            #expect(!release.wasAlreadyRunning)
            #expect(
                heroku.calls("GET /apps/my-app/releases").first?.headers["Range"] == "version ..; max=1, order=desc")
            #expect(heroku.calls("PATCH /apps/my-app/formation").count == 1)
            #expect(heroku.journal.all == [FakeHeroku.change(.done(.made(release)))])
        }
    }

    @Test func `a release that was asked for stays open where the question after it fails`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on("GET /apps/my-app/releases") { _, before in
                before == 0
                    ? .json(Array("[\(FakeHeroku.release(7, current: true))]".utf8))
                    : .text("no\n", status: .forbidden)
            }
            await #expect(throws: StepFailure.self) {
                try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            }
            #expect(heroku.journal.all == [FakeHeroku.change(.begun)])
        }
    }

    @Test func `T5: the same image again restarts the dynos and says so`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation") { _, _ in already }
            heroku.on("DELETE /apps/my-app/dynos", json: "{}", status: 202)
            // The old dyno is up for another look: it must not pass for its successor.
            heroku.on(
                "GET /apps/my-app/dynos",
                inTurn: [
                    "[\(FakeHeroku.dyno("web.1", version: 7, id: "old"))]",
                    "[\(FakeHeroku.dyno("web.1", version: 7, id: "old"))]",
                    "[\(FakeHeroku.dyno("web.1", version: 7, state: "starting", id: "new"))]",
                ])
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.wasAlreadyRunning)
            #expect(release.version == 7)
            #expect(heroku.calls("DELETE /apps/my-app/dynos").count == 1)
            #expect(heroku.calls("GET /apps/my-app/dynos").count == 3)
            #expect(heroku.log.text.contains("restarting its dynos instead"))
            #expect(heroku.journal.all.map(\.kind) == [.release, .restart])
            #expect(heroku.journal.all.first == FakeHeroku.change(.done(.alreadyRunning)))
            #expect(heroku.journal.all.last?.restart?.1 == .done(release))
        }
    }

    @Test func `T5: without the warning too, once no newer release has appeared for a while`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on("DELETE /apps/my-app/dynos", json: "{}", status: 202)
            heroku.on(
                "GET /apps/my-app/dynos", inTurn: ["[\(FakeHeroku.dyno("web.1", version: 7, id: "old"))]", "[]"])
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.wasAlreadyRunning)
        }
    }

    @Test func `a config change by someone else is not taken for our release`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation") { _, _ in already }
            heroku.on("DELETE /apps/my-app/dynos", json: "{}", status: 202)
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: [
                    "[\(FakeHeroku.release(7, current: true))]",
                    "[\(FakeHeroku.release(8, current: true, description: "Set A config vars")), \(FakeHeroku.release(7))]",
                ])
            heroku.on("GET /apps/my-app/dynos", json: "[]")
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.wasAlreadyRunning)
            #expect(release.version == 8)
        }
    }

    @Test func `T19: images whose last release failed are not "already running"`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation") { _, _ in already }
            heroku.on(
                "GET /apps/my-app/releases",
                json: """
                    [\(FakeHeroku.release(9, "failed", description: "Set A config vars")), \
                    \(FakeHeroku.release(8, "failed")), \
                    \(FakeHeroku.release(7, current: true, description: "Deployed web (999999999999)"))]
                    """)
            let reason = await failureReason {
                _ = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            }
            #expect(reason.contains("it tried these images as v8, which failed"))
            #expect(heroku.calls("DELETE /apps/my-app/dynos").isEmpty)
        }
    }

    @Test func `a release of these images that is still pending is followed`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation") { _, _ in already }
            heroku.on(
                "GET /apps/my-app/releases",
                json: "[\(FakeHeroku.release(8, "pending")), \(FakeHeroku.release(7, current: true, description: "x"))]"
            )
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.version == 8)
            #expect(!release.wasAlreadyRunning)
        }
    }

    @Test func `T9: an app on another stack is set to container first`() async throws {
        try await FakeHeroku().serve { heroku in
            let app = #"{"name": "my-app", "stack": {"name": "heroku-24"}, "build_stack": {"name": "heroku-24"}}"#
            heroku.on("GET /apps/my-app", json: app)
            heroku.on("PATCH /apps/my-app", json: app)
            heroku.on("PATCH /apps/my-app/formation", json: "[]")
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: ["[\(FakeHeroku.release(7, current: true))]", "[\(FakeHeroku.release(8))]"])
            _ = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(heroku.calls("PATCH /apps/my-app").map(\.body) == [#"{"build_stack":"container"}"#])
            #expect(heroku.log.text.contains("my-app is on the stack heroku-24; changing it to container"))
            let writes = heroku.calls.filter { $0.method == "PATCH" }.map(\.path)
            #expect(writes == ["/apps/my-app", "/apps/my-app/formation"])
        }
    }

    @Test func `an app of the Fir generation is refused before anything is changed`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "GET /apps/my-app",
                json: #"{"name": "my-app", "stack": {"name": "cnb"}, "generation": {"name": "fir"}}"#)
            let reason = await failureReason {
                _ = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            }
            #expect(reason.contains("generation fir"))
            #expect(heroku.calls.allSatisfy { $0.method == "GET" })
        }
    }

    @Test func `an image that Heroku does not know ends the step and the effect`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "PATCH /apps/my-app/formation", json: #"{"id": "invalid_params", "message": "no such image"}"#,
                status: 422)
            let reason = await failureReason {
                _ = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            }
            #expect(reason.contains("422 invalid_params: no such image"))
            #expect(heroku.journal.all.map(\.state) == [.notDone])
        }
    }

    @Test func `a PATCH whose answer got lost is repeated, and its release found`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation") { _, count in
                count == 0 ? .text("", status: .badGateway) : already
            }
            heroku.on(
                "GET /apps/my-app/releases",
                inTurn: ["[\(FakeHeroku.release(7, current: true))]", "[\(FakeHeroku.release(8, "pending"))]"])
            let release = try await heroku.platform().release(FakeHeroku.image, in: heroku.context())
            #expect(release.version == 8)
            #expect(!release.wasAlreadyRunning)
        }
    }

    @Test func `a lost outcome leaves its effect open`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on("PATCH /apps/my-app/formation", json: "{}", status: 500)
            _ = await failureReason { _ = try await heroku.platform().release(FakeHeroku.image, in: heroku.context()) }
            #expect(heroku.journal.all == [FakeHeroku.change(.begun)])
        }
    }

    @Test func `the API key is in no line of the log`() async throws {
        try await FakeHeroku().serve { heroku in
            heroku.on(
                "PATCH /apps/my-app/formation",
                json: "{\"id\": \"invalid_params\", \"message\": \"Bearer \(FakeHeroku.key)\"}", status: 422)
            let context = heroku.context()
            let reason = await failureReason { _ = try await heroku.platform().release(FakeHeroku.image, in: context) }
            await context.log.line(reason)
            #expect(heroku.log.text.contains("Bearer [REDACTED]"))
            #expect(!heroku.log.text.contains(FakeHeroku.key))
        }
    }
}

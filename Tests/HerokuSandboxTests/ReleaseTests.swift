import SlipwayHTTP
import TestSupport
import Testing

@testable import HerokuSandbox

// One after another: each has an engine and a registry to wait for.
@Suite(.serialized) struct `Releases of images` {
    @Test func `runs the image and answers at the app's address`() async throws {
        try await Stage.with(configVars: ["GREETING": "with vars"]) { stage in
            #expect(try await stage.get(stage.webURL).status == 503)
            let image = try await stage.push("web", command: Stage.page("first"))
            let answer = try await stage.release(["web": image])
            #expect(answer.status == 200)
            #expect(answer.json.array?.first?["docker_image"]?["id"]?.string != nil)

            try await stage.dynos("web", are: "up")
            #expect(try await stage.get(stage.webURL).body == "first with vars\n")
            let head = try await stage.client.send(HTTPClientRequest(.head, stage.webURL))
            #expect(head.status.code == 200)
            #expect(try await head.body.collect(upTo: 10).isEmpty)
            let release = try await stage.settledRelease()
            #expect(release["version"] == 3)
            #expect(release["status"] == "succeeded")
            #expect(release["current"] == true)
            #expect(release["output_stream_url"] == .null)
            let short = image.dropFirst("sha256:".count).prefix(12)
            #expect(release["description"]?.string == "Deployed web (\(short))")
            #expect(try await stage.log().contains("heroku[web.1]: State changed from starting to up"))
        }
    }

    @Test func `does nothing for an image that runs already, and warns of it`() async throws {
        try await Stage.with { stage in
            let image = try await stage.push("web", command: Stage.page("same"))
            try await stage.release(["web": image])
            try await stage.dynos("web", are: "up")
            let again = try await stage.release(["web": image])
            #expect(again.status == 200)
            #expect(
                again.headers["Warning-Message"]
                    == "The process type web was not updated, because it is already running the specified docker image."
            )
            #expect(try await stage.latestRelease()["version"] == 3)
            let effects = try await stage.sandbox.effects(of: stage.app)
            #expect(effects.imageReleases == 1)
            #expect(effects.unchangedImageReleases == 1)
        }
    }

    @Test func `replaces the dynos and removes the old container`() async throws {
        try await Stage.with { stage in
            let first = try await stage.push("web", command: Stage.page("one"))
            try await stage.release(["web": first])
            try await stage.waitForPage("one")
            let second = try await stage.push("web", command: Stage.page("two"))
            try await stage.release(["web": second])
            try await stage.waitForPage("two")
            let dyno = try await stage.dynos("web", are: "up")
            #expect(dyno.first?["release"]?["version"] == 4)
            try await waitUntil("one container") { try await stage.containers().count == 1 }

            // The first image has lost its tag; the platform still knows it.
            let rollback = try await stage.api(
                .post, "/apps/\(stage.app)/releases",
                ["release": try await stage.api(.get, "/apps/\(stage.app)/releases/3").json["id"] ?? .null])
            #expect(rollback.status == 201)
            #expect(rollback.json["description"] == "Rollback to v3")
            try await stage.waitForPage("one")
        }
    }

    @Test func `refuses an image that the registry does not have`() async throws {
        try await Stage.with { stage in
            let answer = try await stage.release(["web": "sha256:" + String(repeating: "ab", count: 32)])
            #expect(answer.status == 404)
            #expect(answer.json["id"] == "not_found")
            #expect(try await stage.latestRelease()["version"] == 2)
        }
    }

    @Test func `answers with the crash page when the new dynos crash`() async throws {
        try await Stage.with { stage in
            let image = try await stage.push("web", command: "echo broken; exit 7")
            try await stage.release(["web": image])
            try await stage.dynos("web", are: "crashed")
            let page = try await stage.get(stage.webURL)
            #expect(page.status == 503)
            #expect(page.body.contains("H10"))
            let log = try await stage.log()
            #expect(log.contains("app[web.1]: broken"))
            #expect(log.contains("heroku[web.1]: Process exited with status 7"))
        }
    }

    @Test func `kills a web dyno that does not listen on its port in time`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.bootTimeout = .milliseconds(500)
        try await Stage.with(behaviour) { stage in
            let image = try await stage.push("web", command: "sleep 1000")
            try await stage.release(["web": image])
            try await stage.dynos("web", are: "crashed")
            #expect(try await stage.log().contains("Error R10 (Boot timeout)"))
        }
    }
}

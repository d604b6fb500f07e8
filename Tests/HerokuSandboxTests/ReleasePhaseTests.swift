import SlipwayBase
import SlipwayHTTP
import TestSupport
import Testing

@testable import HerokuSandbox

// One after another: each has an engine and a registry to wait for.
@Suite(.serialized) struct `Release phases` {
    @Test func `runs the release image before the new dynos and shows its output`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.outputOpensAfter = .seconds(600)
        behaviour.pendingAfterOutput = .seconds(600)
        try await Stage.with(behaviour, configVars: ["DATABASE_URL": "postgres://here"]) { stage in
            let web = try await stage.push("web", command: Stage.page("migrated"))
            let migration = try await stage.push(
                "release",
                command: "echo migrating $DATABASE_URL on $DYNO; until [ -e /tmp/go ]; do sleep 0.1; done; echo done")
            try await stage.release(["web": web, "release": migration])
            let pending = try await stage.latestRelease()
            #expect(pending["status"] == "pending")
            #expect(pending["current"] == false)
            let url = try #require(pending["output_stream_url"]?.string)
            let early = try await stage.get(url)
            #expect(early.status == 404)
            #expect(early.body == "Channel is not registered.\n")
            #expect(try await stage.dynos("web").isEmpty)
            try await stage.dynos("release", are: "up")
            let container = try #require(try await stage.containers().first)
            _ = try await stage.docker("exec \(container) sh -c ': >/tmp/go'")

            stage.sandbox.behaviour.value.outputOpensAfter = .zero
            let output = try await eventually("the output") {
                let answer = try await stage.get(url)
                return answer.status == 200 ? answer.body : nil
            }
            #expect(output.hasPrefix("migrating postgres://here on release."))
            #expect(output.hasSuffix("done\n"))
            // Its output has ended, its status lags behind (T3).
            #expect(try await stage.latestRelease()["status"] == "pending")
            stage.sandbox.behaviour.value.pendingAfterOutput = .zero
            #expect(try await stage.settledRelease()["status"] == "succeeded")
            try await stage.waitForPage("migrated")
            #expect(try await stage.dynos("release").isEmpty)

            let rest = try await stage.get(url, headers: ["Range": "bytes=10-"])
            #expect(rest.status == 206)
            #expect(rest.body == String(output.dropFirst(10)))
            #expect(try await stage.get(url, headers: ["Range": "bytes=\(output.utf8.count)-"]).status == 416)
            let log = try await stage.log()
            #expect(log.contains("Process exited with status 0"))
            #expect(log.contains("State changed from up to complete"))
            #expect(try await stage.sandbox.effects(of: stage.app).releasePhases == 1)
        }
    }

    @Test func `leaves the old dynos alone when the command fails`() async throws {
        try await Stage.with { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("old"))])
            try await stage.waitForPage("old")
            let web = try await stage.push("web", command: Stage.page("new"))
            let migration = try await stage.push("release", command: "echo no such table; exit 3")
            try await stage.release(["web": web, "release": migration])
            let failed = try await stage.settledRelease()
            #expect(failed["status"] == "failed")
            #expect(failed["current"] == false)
            #expect(try await stage.get(stage.webURL).body.contains("old"))
            #expect(try await stage.dynos("web").first?["release"]?["version"] == 3)
            #expect(try await stage.log().contains("Release v4 command failed by user"))

            // The same images make no new release, so the phase cannot be had again that way (T19).
            let again = try await stage.release(["web": web, "release": migration])
            #expect(again.headers["Warning-Message"] != nil)
            #expect(try await stage.latestRelease()["version"] == 4)
        }
    }

    @Test func `runs the previous release image for a release without one`() async throws {
        try await Stage.with { stage in
            let web = try await stage.push("web", command: Stage.page("a"))
            let migration = try await stage.push("release", command: "echo again $DYNO")
            try await stage.release(["web": web, "release": migration])
            #expect(try await stage.settledRelease()["status"] == "succeeded")
            try await stage.api(.patch, "/apps/\(stage.app)/config-vars", ["GREETING": "set"])
            #expect(try await stage.settledRelease()["version"] == 4)
            try await stage.waitForPage("a set")
            let effects = try await stage.sandbox.effects(of: stage.app)
            #expect(effects.releasePhases == 2)
            #expect(effects.configReleases == 1)
        }
    }

    @Test(arguments: [false, true])
    func `runs nothing before a release once the image is taken away`(typeStays: Bool) async throws {
        var behaviour = Behaviour.prompt
        behaviour.removedTypesStay = typeStays
        try await Stage.with(behaviour) { stage in
            let path = "/apps/\(stage.app)/formation/release"
            let nothing: JSON = ["docker_image": .null]
            #expect(try await stage.api(.patch, path, nothing, variant: "docker-releases").status == 404)
            let web = try await stage.push("web", command: Stage.page("a"))
            try await stage.release(["web": web, "release": try await stage.push("release", command: "true")])
            #expect(try await stage.settledRelease()["status"] == "succeeded")
            #expect(try await stage.api(.patch, path, nothing, variant: "docker-releases").status == 200)
            #expect(try await stage.api(.get, path).status == (typeStays ? 200 : 404))
            try await stage.api(.patch, "/apps/\(stage.app)/config-vars", ["GREETING": "set"])
            #expect(try await stage.settledRelease()["version"] == 5)
            try await stage.waitForPage("a set")
            #expect(try await stage.sandbox.effects(of: stage.app).releasePhases == 1)
        }
    }

    @Test func `cuts the output stream, which goes on where it was`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.outputCutBytes = 4
        try await Stage.with(behaviour) { stage in
            try await stage.release(["release": try await stage.push("release", command: "echo 0123456789")])
            let release = try await stage.settledRelease()
            let url = try #require(release["output_stream_url"]?.string)
            var received = ""
            while received.utf8.count < 11 {
                let headers: HTTPHeaders = received.isEmpty ? [:] : ["Range": "bytes=\(received.utf8.count)-"]
                let response = try await stage.client.send(HTTPClientRequest(.get, url, headers: headers))
                do {
                    while let piece = try await response.body.read() {
                        received += String(decoding: piece, as: UTF8.self)
                    }
                } catch is HTTPClientError {
                    #expect(received.utf8.count % 4 == 0)
                }
            }
            #expect(received == "0123456789\n")
        }
    }

    @Test func `expires a command that runs too long`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.releasePhaseTimeout = .milliseconds(800)
        try await Stage.with(behaviour) { stage in
            try await stage.release(["release": try await stage.push("release", command: "sleep 1000")])
            #expect(try await stage.settledRelease()["status"] == "expired")
            try await waitUntil("no container") { try await stage.containers().isEmpty }
        }
    }

    @Test func `stays pending for ever on demand`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.stuckReleases = 1
        try await Stage.with(behaviour) { stage in
            try await stage.release(["release": try await stage.push("release", command: "true")])
            try await waitUntil("the end of the phase") {
                try await stage.dynos("release").isEmpty && stage.sandbox.behaviour.value.stuckReleases == 0

            }
            #expect(try await stage.latestRelease()["status"] == "pending")
            // The next one is not held up.
            try await stage.release(["web": try await stage.push("web", command: Stage.page("later"))])
            try await stage.waitForPage("later")
        }
    }
}

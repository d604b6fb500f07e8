import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@testable import HerokuSandbox

// One after another: each has an engine and a registry to wait for.
@Suite(.serialized) struct `One-off dynos` {
    @Test func `meets its client over TLS, without an exit code`() async throws {
        try await Stage.with(configVars: ["NAME": "var"]) { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            let created = try await stage.api(
                .post, "/apps/\(stage.app)/dynos",
                ["command": "echo $NAME $EXTRA; exit 5", "attach": true, "env": ["EXTRA": "more"]])
            #expect(created.status == 201)
            #expect(created.json["state"] == "starting")
            let name = try #require(created.json["name"]?.string)
            #expect(name.hasPrefix("run."))
            let url = try #require(created.json["attach_url"]?.string)
            // Whoever lists dynos does not get the secret.
            let listed = try await stage.api(.get, "/apps/\(stage.app)/dynos/\(name)")
            #expect(listed.json["attach_url"] == .null)

            let client = try await RendezvousClient(url, stage)
            #expect(try await client.readAll() == "rendezvous\r\nvar more\r\n")
            await client.stream.close()
            try await waitUntil("the end") {
                try await stage.api(.get, "/apps/\(stage.app)/dynos/\(name)").status == 404
            }
            let log = try await stage.log()
            #expect(log.contains("heroku[\(name)]: Awaiting client"))
            #expect(log.contains("heroku[\(name)]: Starting process with command `echo $NAME $EXTRA; exit 5`"))
            #expect(log.contains("heroku[\(name)]: Process exited with status 5"))
            let effects = try await stage.sandbox.effects(of: stage.app)
            #expect(effects.oneOffDynos == 1)
            #expect(effects.oneOffProcesses == 1)
        }
    }

    @Test func `carries bytes both ways and takes 0x04 for the end of input`() async throws {
        try await Stage.with { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            let created = try await stage.api(
                .post, "/apps/\(stage.app)/dynos", ["command": "cat; echo ended", "attach": true, "force_no_tty": true])
            let client = try await RendezvousClient(try #require(created.json["attach_url"]?.string), stage)
            _ = try await client.read(until: "rendezvous\r\n")
            try await client.stream.write(Array("hello\n".utf8))
            #expect(try await client.read(until: "\n") == "hello\n")
            try await client.stream.write([0x04])
            #expect(try await client.readAll() == "ended\n")
            await client.stream.close()
        }
    }

    @Test func `ends the process of a client that leaves`() async throws {
        try await Stage.with { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            try await stage.dynos("web", are: "up")
            let created = try await stage.api(
                .post, "/apps/\(stage.app)/dynos", ["command": "echo here; sleep 1000", "attach": true])
            let client = try await RendezvousClient(try #require(created.json["attach_url"]?.string), stage)
            _ = try await client.read(until: "here")
            await client.stream.close()
            try await waitUntil("one container") { try await stage.containers().count == 1 }
            #expect(try await stage.log().contains("Sending SIGHUP to all processes"))
        }
    }

    @Test func `gives up on a client that never comes`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.attachTimeout = .milliseconds(200)
        try await Stage.with(behaviour) { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            let created = try await stage.api(
                .post, "/apps/\(stage.app)/dynos", ["command": "echo never", "attach": true])
            try await waitUntil("R13") {
                try await stage.log().contains("Error R13 (Attach error) -> Failed to attach to process")
            }
            let client = try await RendezvousClient(try #require(created.json["attach_url"]?.string), stage)
            #expect(try await client.readAll() == "")
            #expect(try await stage.sandbox.effects(of: stage.app).oneOffProcesses == 0)
        }
    }

    @Test func `writes a detached one's output to the log, which a session follows`() async throws {
        try await Stage.with { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            let session = try await stage.api(
                .post, "/apps/\(stage.app)/log-sessions", ["tail": true, "lines": 1500, "dyno": "worker.1"],
                variant: "sdk")
            #expect(session.status == 201)
            let created = try await stage.api(
                .post, "/apps/\(stage.app)/dynos", ["command": "echo detached; exit 4", "type": "worker"])
            #expect(created.json["attach_url"] == .null)
            #expect(created.json["type"] == "worker")
            let name = try #require(created.json["name"]?.string)
            #expect(name.hasPrefix("worker."))

            let follower = try await stage.api(
                .post, "/apps/\(stage.app)/log-sessions", ["tail": true, "lines": 1500, "dyno": .string(name)],
                variant: "sdk")
            let url = try #require(follower.json["logplex_url"]?.string)
            let response = try await stage.client.send(
                HTTPClientRequest(.get, url, headers: ["Accept": "text/event-stream"]))
            #expect(response.headers["Content-Type"] == "text/event-stream")
            var events = ""
            while !events.contains("State changed from up to"), let piece = try await response.body.read() {
                events += String(decoding: piece, as: UTF8.self)
            }
            #expect(events.contains(" app[\(name)]: detached\n\n"))
            #expect(events.contains(" heroku[\(name)]: Process exited with status 4\n\n"))
            #expect(!events.contains("[web.1]"))
        }
    }

    @Test(arguments: [(true, "a b|c\n"), (false, "\"a b\" c\n")])
    func `gives the command to the image's entrypoint`(_ getsWords: Bool, _ output: String) async throws {
        var behaviour = Behaviour.prompt
        behaviour.entrypointGetsWords = getsWords
        try await Stage.with(behaviour) { stage in
            let entrypoint = ["/bin/sh", "-c", #"IFS="|"; echo "$*""#, "entry"]
            let image = try await stage.push("web", command: Stage.page("x"), entrypoint: entrypoint)
            try await stage.release(["web": image])
            let created = try await stage.api(
                .post, "/apps/\(stage.app)/dynos",
                ["command": #""a b" c"#, "attach": true, "force_no_tty": true])
            let client = try await RendezvousClient(try #require(created.json["attach_url"]?.string), stage)
            #expect(try await client.readAll() == "rendezvous\r\n" + output)
            await client.stream.close()
        }
    }

    @Test func `answers 409 right after a release`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.dynoConflicts = 2
        behaviour.oneOffFallsBackToWeb = false
        try await Stage.with(behaviour) { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            let path = "/apps/\(stage.app)/dynos"
            #expect(try await stage.api(.post, path, ["command": "true"]).status == 409)
            #expect(try await stage.api(.post, path, ["command": "true"]).json["id"] == "conflict")
            #expect(try await stage.api(.post, path, ["command": "true"]).status == 201)
            #expect(try await stage.api(.post, path, ["command": "true", "type": "worker"]).status == 422)
            #expect(try await stage.api(.post, path, [:]).status == 422)
        }
    }
}

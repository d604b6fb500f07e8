import Foundation
import SlipwayBase
import SlipwayHTTP
import TestSupport
import Testing

@testable import HerokuSandbox

// One after another: each has an engine and a registry to wait for.
@Suite(.serialized) struct `Dynos of the formation` {
    @Test func `start at none, scale, restart and stop`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.newAppWebQuantity = 0
        try await Stage.with(behaviour) { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("scaled"))])
            #expect(try await stage.dynos("web").isEmpty)
            #expect(try await stage.get(stage.webURL).body.contains("H14"))

            let formation = "/apps/\(stage.app)/formation"
            try await stage.api(.patch, formation, ["updates": [["type": "web", "quantity": 2]]])
            let dynos = try await stage.dynos("web", are: "up", count: 2)
            #expect(dynos.compactMap { $0["name"]?.string } == ["web.1", "web.2"])
            try await stage.waitForPage("scaled")
            #expect(try await stage.latestRelease()["version"] == 3)

            #expect(try await stage.api(.delete, "/apps/\(stage.app)/dynos").status == 202)
            let restarted = try await stage.dynos("web", are: "up", count: 2)
            #expect(Set(restarted.map { $0["id"] }).isDisjoint(with: dynos.map { $0["id"] }))
            #expect(restarted.allSatisfy { $0["release"]?["version"] == 3 })

            try await stage.api(.patch, formation + "/web", ["quantity": 1])
            try await stage.dynos("web", are: "up")
            try await waitUntil("one container") { try await stage.containers().count == 1 }

            let stop = try await stage.api(.post, "/apps/\(stage.app)/dynos/web.1/actions/stop")
            #expect(stop.status == 202)
            try await stage.dynos("web", are: "down")
            let effects = try await stage.sandbox.effects(of: stage.app)
            #expect(effects.scalings == 2)
            #expect(effects.restarts == 1)
            #expect(effects.stops == 1)
        }
    }

    @Test func `serve on with preboot while the list shows only the new`() async throws {
        var behaviour = Behaviour.prompt
        behaviour.prebootTime = .seconds(600)
        try await Stage.with(behaviour) { stage in
            try await stage.api(.patch, "/apps/\(stage.app)/features/preboot", ["enabled": true])
            try await stage.release(["web": try await stage.push("web", command: Stage.page("old"))])
            try await stage.waitForPage("old")
            try await stage.release(["web": try await stage.push("web", command: Stage.page("new"))])
            let dynos = try await stage.dynos("web", are: "up")
            #expect(dynos.first?["release"]?["version"] == 4)
            // A page of the old version proves nothing about the new one (docs/heroku.md, 5).
            #expect(try await stage.get(stage.webURL).body.contains("old"))
            stage.sandbox.behaviour.value.prebootTime = .zero
            try await stage.waitForPage("new")
            try await waitUntil("one container") { try await stage.containers().count == 1 }
        }
    }

    @Test func `run as a user without rights and see where they are`() async throws {
        try await Stage.with { stage in
            try await stage.api(.patch, "/apps/\(stage.app)/features/runtime-dyno-metadata", ["enabled": true])
            let command = Stage.page("uid $(id -u) dyno $DYNO release $HEROKU_RELEASE_VERSION app $HEROKU_APP_NAME")
            try await stage.release(["web": try await stage.push("web", command: command)])
            try await stage.waitForPage("uid 47103 dyno web.1 release v3 app \(stage.app)")
        }
    }

    @Test func `end also when they are told so before they have begun`() async throws {
        try await Stage.with { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            let path = "/apps/\(stage.app)/formation/web"
            try await stage.api(.patch, path, ["quantity": 0])
            #expect(try await stage.dynos("web").isEmpty)
            try await waitUntil("the end of the retired dyno") {
                await stage.sandbox.platform.apps.values.allSatisfy(\.retired.isEmpty)
            }
            #expect(try await stage.containers().isEmpty)
        }
    }

    @Test func `of several types share one release`() async throws {
        try await Stage.with { stage in
            let web = try await stage.push("web", command: Stage.page("web"))
            // One image for two types, pushed for one of them.
            try await stage.release(["web": web, "worker": web])
            try await stage.api(
                .patch, "/apps/\(stage.app)/formation", ["updates": [["type": "worker", "quantity": 1]]])
            try await stage.dynos("web", are: "up")
            try await stage.dynos("worker", are: "up")
            #expect(try await stage.latestRelease()["description"]?.string?.contains("web") == true)
        }
    }
}

// One after another: each has an engine and a registry to wait for.
@Suite(.serialized) struct `The sandbox as a whole` {
    @Test func `refuses what Heroku's registry would refuse`() async throws {
        try await Stage.with { stage in
            let digest = try await stage.push("web", command: "true")
            let manifestURL = "http://\(stage.parts.registry)/v2/\(stage.app)/web/manifests/latest"
            let login = "Basic " + Data("_:\(stage.parts.password)".utf8).base64EncodedString()
            let schema2 = "application/vnd.docker.distribution.manifest.v2+json"
            var get = HTTPClientRequest(.get, manifestURL, headers: ["Accept": .init(schema2), "Authorization": login])
            let manifest = try await stage.client.send(get).body.collect(upTo: 1 << 20)
            // The same image, its manifest as OCI writes it.
            let oci = String(decoding: manifest, as: UTF8.self)
                .replacing(
                    "application/vnd.docker.container.image.v1+json", with: "application/vnd.oci.image.config.v1+json"
                )
                .replacing(
                    "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    with: "application/vnd.oci.image.layer.v1.tar+gzip"
                )
                .replacing(schema2, with: "application/vnd.oci.image.manifest.v1+json")
            get.method = .put
            get.body = .bytes(Array(oci.utf8))
            get.headers["Content-Type"] = "application/vnd.oci.image.manifest.v1+json"
            #expect(try await stage.client.send(get).status.code == 201)
            let answer = try await stage.release(["web": digest])
            #expect(answer.status == 422)
            #expect(answer.json["message"]?.string?.contains("vnd.oci.image.manifest") == true)
        }
    }

    @Test func `drops, delays and never answers over a real connection`() async throws {
        try await Stage.with { stage in
            for kind in [Fault.Kind.drop, .loseAnswer] {
                stage.sandbox.faults.add(Fault(kind, path: "/apps"))
                // Not even a status arrives.
                await #expect(throws: HTTPClientError.self) {
                    _ = try await stage.client.send(HTTPClientRequest(.get, stage.sandbox.apiURL + "/apps"))
                }
            }
            stage.sandbox.faults.add(Fault(.hang, path: "/account"))
            await #expect(throws: HTTPClientError.self) {
                var request = HTTPClientRequest(.get, stage.sandbox.apiURL + "/account")
                request.headers["Accept"] = "application/vnd.heroku+json; version=3"
                _ = try await stage.client.send(request, deadline: .milliseconds(300))
            }
            stage.sandbox.faults.add(Fault(.delay(.milliseconds(300)), path: "/account"))
            let began = ContinuousClock.now
            let answer = try await stage.api(.get, "/account")
            #expect(answer.status == 200)
            #expect(ContinuousClock.now - began >= .milliseconds(300))
        }
    }

    @Test func `leaves nothing behind when it stops`() async throws {
        let (stage, running) = try await Stage.with { stage in
            try await stage.release(["web": try await stage.push("web", command: Stage.page("x"))])
            try await stage.dynos("web", are: "up")
            return (stage, try await stage.containers())
        }
        #expect(running.count == 1)
        #expect(try await stage.containers().isEmpty)
        // The registry's login.
        #expect(!FileManager.default.fileExists(atPath: stage.folder + "/state/docker"))
    }

    @Test func `removes at its start what a crashed run in its folder left behind`() async throws {
        try await Stage.with { stage in
            _ = try await stage.push("web", command: "sleep 1000")
            try await stage.docker(
                "run -d --network none --label \(stage.sandbox.containerLabel) \(stage.parts.registry)/\(stage.app)/web"
            )
            #expect(try await stage.containers().count == 1)
            let next = try HerokuSandbox(settings: stage.sandbox.settings)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await next.run() }
                try await waitUntil("no container") { try await stage.containers().isEmpty }
                group.cancelAll()
            }
        }
    }
}

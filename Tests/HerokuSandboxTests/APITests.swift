import Foundation
import SlipwayBase
import SlipwayHTTP
import Testing

@testable import HerokuSandbox

@Suite struct `The Platform API` {
    @Test func `asks for a key, as Bearer or as the password of Basic`() async throws {
        let desk = try Desk()
        let refused = try await desk.ask(.get, "/account", authorization: nil)
        #expect(refused.status == 401)
        #expect(refused.json == ["id": "unauthorized", "message": "Invalid credentials provided."])
        #expect(try await desk.ask(.get, "/account", authorization: "Bearer wrong").status == 401)
        let basic = "Basic " + Data(":\(Desk.key)".utf8).base64EncodedString()
        #expect(try await desk.ask(.get, "/account", authorization: basic).status == 200)
    }

    @Test func `asks for a version`() async throws {
        let desk = try Desk()
        for accept in [
            nil, "application/json", "application/vnd.heroku+json", "application/vnd.heroku+json; version=2",
        ] {
            let answer = try await desk.ask(.get, "/account", accept: accept)
            #expect(answer.status == 406)
            #expect(answer.json["id"] == "not_acceptable")
        }
        #expect(try await desk.ask(.get, "/account", accept: "application/vnd.heroku+json;version=3.sdk").status == 200)
    }

    @Test func `names each answer and counts down what is left`() async throws {
        let desk = try Desk()
        let first = try await desk.ask(.get, "/account")
        #expect(first.headers["Request-Id"]?.hasPrefix("mine,") == true)
        // One was taken; on a slow machine the pool may have got it back meanwhile.
        let left = try #require(first.headers["RateLimit-Remaining"].flatMap { Int($0) })
        #expect((4499...4500).contains(left))
        let free = try await desk.ask(.get, "/account/rate-limits")
        #expect(free.json == ["remaining": 4499] || free.json == ["remaining": 4500])
        await desk.platform.setRemainingTokens(0)
        let refused = try await desk.ask(.get, "/account")
        #expect(refused.status == 429)
        #expect(refused.json["id"] == "rate_limit")
        #expect(try await desk.ask(.get, "/account/rate-limits").status == 200)
    }

    @Test func `answers with the published fields of an app`() async throws {
        let desk = try Desk()
        let created = try await desk.ask(.post, "/apps", ["name": "my-app", "stack": "container"])
        #expect(created.status == 201)
        let app = try await desk.ask(.get, "/apps/my-app")
        #expect(
            app.fields == [
                "acm", "archived_at", "build_stack", "buildpack_provided_description", "created_at", "generation",
                "git_url", "id", "internal_routing", "maintenance", "name", "organization", "owner", "region",
                "released_at", "repo_size", "slug_size", "space", "stack", "team", "updated_at", "web_url",
            ])
        #expect(app.json["stack"]?["name"] == "container")
        #expect(app.json["generation"]?["name"] == "cedar")
        #expect(try await desk.ask(.get, "/apps/\(app.json["id"]?.string ?? "")").json == app.json)
        #expect(app.json["web_url"]?.string?.hasPrefix("http://127.0.0.1:") == true)

        let missing = try await desk.ask(.get, "/apps/other")
        #expect(missing.status == 404)
        #expect(missing.json == ["id": "not_found", "message": "Couldn't find that app.", "resource": "app"])
        #expect(try await desk.ask(.post, "/apps", ["name": "my-app"]).status == 422)
        #expect(try await desk.ask(.post, "/apps", ["name": "My_App"]).status == 422)
        #expect(try await desk.ask(.get, "/nothing").json["id"] == "not_found")
    }

    @Test func `changes an app's stack and maintenance`() async throws {
        let desk = try Desk()
        _ = try await desk.ask(.post, "/apps", ["name": "my-app", "stack": "heroku-24"])
        let image = JSON.string("sha256:" + String(repeating: "0", count: 64))
        let refused = try await desk.ask(
            .patch, "/apps/my-app/formation", ["updates": [["type": "web", "docker_image": image]]],
            accept: "application/vnd.heroku+json; version=3.docker-releases")
        #expect(refused.status == 422)
        let changed = try await desk.ask(.patch, "/apps/my-app", ["build_stack": "container", "maintenance": true])
        #expect(changed.json["stack"]?["name"] == "container")
        #expect(changed.json["maintenance"] == true)
    }

    @Test func `makes a release of each change of config vars`() async throws {
        let desk = try Desk()
        _ = try await desk.ask(.post, "/apps", ["name": "my-app"])
        let path = "/apps/my-app/config-vars"
        #expect(try await desk.ask(.patch, path, ["A": "1", "B": "2"]).json == ["A": "1", "B": "2"])
        #expect(try await desk.ask(.patch, path, ["A": "1"]).json == ["A": "1", "B": "2"])
        #expect(try await desk.ask(.patch, path, ["B": .null]).json == ["A": "1"])
        #expect(try await desk.ask(.patch, path, ["no good": "1"]).status == 422)
        #expect(try await desk.ask(.get, path).json == ["A": "1"])
        let releases = try await desk.ask(.get, "/apps/my-app/releases").json.array ?? []
        #expect(
            releases.compactMap { $0["description"]?.string } == [
                "Initial release", "Enable Logplex", "Set A, B config vars", "Remove B config vars",
            ])
        #expect(try await desk.ask(.get, "/apps/my-app/releases/3/config-vars").json == ["A": "1", "B": "2"])
    }

    @Test func `pages releases by range`() async throws {
        let desk = try Desk()
        _ = try await desk.ask(.post, "/apps", ["name": "my-app"])
        for number in 1...10 {
            _ = try await desk.ask(.patch, "/apps/my-app/config-vars", ["N": .string(String(number))])
        }
        let path = "/apps/my-app/releases"
        let first = try await desk.ask(.get, path, range: "version ..; max=5, order=desc")
        #expect(first.status == 206)
        #expect(first.headers["Content-Range"] == "version 12..8")
        #expect(first.headers["Next-Range"] == "version ]8..; max=5, order=desc")
        #expect(first.json.array?.compactMap { $0["version"]?.integer } == [12, 11, 10, 9, 8])
        let last = try await desk.ask(.get, path, range: "version ]3..; max=5, order=desc")
        #expect(last.status == 200)
        #expect(last.headers["Next-Range"] == nil)
        #expect(last.json.array?.compactMap { $0["version"]?.integer } == [2, 1])
        #expect(try await desk.ask(.get, path, range: "size ..").status == 416)
        #expect(try await desk.ask(.get, path + "/v12").json["version"] == 12)
        #expect(try await desk.ask(.get, path + "/99").status == 404)
    }

    @Test func `answers with the published fields of a release, a formation and a feature`() async throws {
        let desk = try Desk()
        let app = try await desk.platform.createApp(name: "my-app", stack: "container", webQuantity: 0)
        let release = try await desk.ask(.get, "/apps/my-app/releases/2")
        #expect(
            release.fields == [
                "addon_plan_names", "app", "artifacts", "created_at", "current", "description", "eligible_for_rollback",
                "id", "output_stream_url", "slug", "status", "updated_at", "user", "version",
            ])
        #expect(release.json["current"] == true)
        let formation = try await desk.ask(.get, "/apps/my-app/formation/web")
        #expect(
            formation.fields == [
                "app", "command", "created_at", "dyno_size", "id", "quantity", "size", "type", "updated_at",
            ])
        #expect(formation.json["app"] == ["id": .string(app.id), "name": "my-app"])
        let feature = try await desk.ask(.patch, "/apps/my-app/features/preboot", ["enabled": true])
        #expect(feature.json["enabled"] == true)
        #expect(
            feature.fields == [
                "created_at", "description", "display_name", "doc_url", "enabled", "feedback_email", "id", "name",
                "state", "updated_at",
            ])
        #expect(try await desk.ask(.get, "/apps/my-app/features/other").status == 404)
        let scaled = try await desk.ask(
            .patch, "/apps/my-app/formation", ["updates": [["type": "web", "quantity": 2, "size": "standard-1X"]]])
        #expect(scaled.json.array?.first?["quantity"] == 2)
        #expect(scaled.json.array?.first?["size"] == "standard-1X")
        #expect(try await desk.ask(.patch, "/apps/my-app/formation", ["updates": []]).status == 422)
        #expect(
            try await desk.ask(.patch, "/apps/my-app/formation", ["updates": [["type": "worker", "quantity": 1]]])
                .status
                == 404)
    }

    @Test func `takes docker_image only in the variant that knows it`() async throws {
        let desk = try Desk()
        _ = try await desk.platform.createApp(name: "my-app", stack: "container")
        let update: JSON = ["updates": [["type": "web", "docker_image": "sha256:12"]]]
        #expect(try await desk.ask(.patch, "/apps/my-app/formation", update).status == 422)
        let variant = "application/vnd.heroku+json; version=3.docker-releases"
        #expect(try await desk.ask(.patch, "/apps/my-app/formation", update, accept: variant).status == 422)
    }

    @Test func `refuses a rollback to a version or to what had no image`() async throws {
        let desk = try Desk()
        _ = try await desk.platform.createApp(name: "my-app", stack: "container")
        #expect(try await desk.ask(.post, "/apps/my-app/releases", ["release": "v1"]).status == 422)
        let id = try await desk.ask(.get, "/apps/my-app/releases/1").json["id"] ?? .null
        #expect(try await desk.ask(.post, "/apps/my-app/releases", ["release": id]).status == 422)
        #expect(try await desk.ask(.post, "/apps/my-app/releases", ["slug": id]).status == 422)
    }

    @Test func `refuses a body that is no JSON`() async throws {
        let desk = try Desk()
        let response = await desk.api.router.respond(
            to: HTTPRequest(
                method: .post, target: try #require(HTTPTarget("/apps")),
                headers: [
                    "Accept": "application/vnd.heroku+json; version=3", "Authorization": "Bearer " + Desk.key,
                ], body: .bytes(Array("{".utf8))))
        #expect(response.status.code == 400)
    }

    @Test func `meets faults on demand, as often as asked for`() async throws {
        let desk = try Desk()
        let fault: JSON = [
            "kind": "status", "status": 503, "id": "unavailable", "message": "Try later.", "method": "GET",
            "path": "/apps/*", "times": 2,
        ]
        #expect(try await desk.ask(.post, "/sandbox/faults", fault, accept: nil).json == fault)
        _ = try await desk.ask(.post, "/apps", ["name": "my-app"])
        for _ in 0..<2 {
            let answer = try await desk.ask(.get, "/apps/my-app")
            #expect(answer.status == 503)
            #expect(answer.json == ["id": "unavailable", "message": "Try later."])
        }
        #expect(try await desk.ask(.get, "/apps/my-app").status == 200)
        desk.faults.add(Fault(.garbage, path: "/**"))
        #expect(try await desk.ask(.get, "/account").json == .null)
        desk.faults.add(Fault(.loseAnswer, method: .post, path: "/apps"))
        _ = try await desk.ask(.post, "/apps", ["name": "lost-app"])
        #expect(try await desk.ask(.get, "/apps/lost-app").status == 200)
        desk.faults.add(Fault(.drop, method: .post, path: "/apps"))
        _ = try await desk.ask(.post, "/apps", ["name": "dropped-app"])
        #expect(try await desk.ask(.get, "/apps/dropped-app").status == 404)
        #expect(try await desk.ask(.post, "/sandbox/faults", ["kind": "odd", "path": "/"], accept: nil).status == 422)
    }

    @Test func `lets another process set the stage and look behind it`() async throws {
        let desk = try Desk()
        let created = try await desk.ask(
            .post, "/sandbox/apps", ["name": "my-app", "config_vars": ["A": "1"], "web": 2], accept: nil)
        #expect(created.status == 201)
        #expect(created.json["stack"]?["name"] == "container")
        #expect(try await desk.ask(.get, "/apps/my-app/config-vars").json == ["A": "1"])
        let changed = try await desk.ask(
            .patch, "/sandbox/behaviour", ["attach_timeout_ms": 50, "keeps_ended_one_offs": true], accept: nil)
        #expect(changed.json["attach_timeout_ms"] == 50)
        #expect(desk.behaviour.value.attachTimeout == .milliseconds(50))
        #expect(desk.behaviour.value.keepsEndedOneOffs)
        #expect(try await desk.ask(.patch, "/sandbox/behaviour", ["nonsense": 1], accept: nil).status == 422)
        #expect(try await desk.ask(.get, "/sandbox/apps/my-app/effects", accept: nil).json["image_releases"] == 0)
        #expect(try await desk.ask(.get, "/sandbox/calls", accept: nil).json.array?.count == 1)
        #expect(try await desk.ask(.get, "/sandbox/apps/my-app/effects", accept: nil, authorization: nil).status == 401)
        _ = try await desk.ask(.post, "/sandbox/rate-limit", ["remaining": 0], accept: nil)
        #expect(try await desk.ask(.get, "/account").status == 429)
    }
}

import Foundation
import SlipwayCore
import SlipwayHTTP
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

/// What the configuration no longer names does not go on with older code.
struct HerokuOwnedFormationTests {
    private let made = PlatformRelease(id: "release-8", version: 8, wasAlreadyRunning: false)

    private func release(_ heroku: FakeHeroku, migrate: Migration? = nil) async throws {
        _ = try await heroku.platform(migrate: migrate).release(FakeHeroku.image, in: heroku.context(migrate: migrate))
    }

    private func heroku(_ formation: String, release description: String = "Deployed web (142013fe2b5c)") -> FakeHeroku
    {
        let heroku = FakeHeroku()
        heroku.on("GET /apps/my-app/formation", json: formation)
        for path in ["", "/release", "/worker"] { heroku.on("PATCH /apps/my-app/formation\(path)", json: "[]") }
        heroku.on(
            "GET /apps/my-app/releases",
            inTurn: [
                "[\(FakeHeroku.release(7, current: true))]", "[\(FakeHeroku.release(8, description: description))]",
            ])
        return heroku
    }

    private let left = #"[{"type": "web", "quantity": 1}, {"type": "release", "quantity": 0}]"#

    @Test(arguments: [nil, Migration(command: "/app/migrate", run: .oneOff(type: nil, size: nil))])
    func `T10: an image of type release that nobody asks for is removed before the release`(migrate: Migration?)
        async throws
    {
        try await heroku(left).serve { heroku in
            try await release(heroku, migrate: migrate)
            let changes = heroku.calls.filter { $0.method == "PATCH" }
            #expect(changes.map(\.path) == ["/apps/my-app/formation/release", "/apps/my-app/formation"])
            #expect(changes.first?.body == #"{"docker_image":null}"#)
            #expect(changes.first?.headers["Accept"]?.hasSuffix("3.docker-releases") == true)
            #expect(heroku.log.text.contains("though this target has no migration in the release phase: removing it"))
            let removal = ImageRemoval(place: FakeHeroku.place, type: "release")
            #expect(heroku.journal.all.first == .remove(removal, .done(Nothing())))
        }
    }

    @Test func `T10: a target that migrates in the release phase keeps its image, and others have none to remove`()
        async throws
    {
        try await heroku(left).serve { heroku in
            try await release(heroku, migrate: Migration(command: "/app/migrate", run: .releasePhase))
            #expect(heroku.calls("PATCH /apps/my-app/formation/release").isEmpty)
        }
        try await heroku(#"[{"type": "web", "quantity": 1}]"#).serve { heroku in
            try await release(heroku)
            #expect(heroku.calls("PATCH /apps/my-app/formation/release").isEmpty)
        }
    }

    @Test func `an image of type release that is gone by itself stops nothing, one that stays does`() async throws {
        try await heroku(left).serve { heroku in
            let path = "PATCH /apps/my-app/formation/release"
            heroku.on(path, json: #"{"id": "not_found", "message": "Couldn't find that formation."}"#, status: 404)
            try await release(heroku)
            heroku.on(path, json: #"{"id": "invalid_params", "message": "no"}"#, status: 422)
            let reason = await failureReason { try await release(heroku) }
            #expect(reason.contains("removing the image of type release of my-app"))
            #expect(heroku.calls("PATCH /apps/my-app/formation").count == 1)
        }
    }

    @Test func `a process type that is dropped is scaled to 0, and is not waited for`() async throws {
        let with =
            #"[{"type": "web", "quantity": 1}, {"type": "worker", "quantity": 2}, {"type": "release", "quantity": 1}]"#
        let without = with.replacingOccurrences(of: "2", with: "0")
        let heroku = FakeHeroku()
        heroku.on("GET /apps/my-app/formation", inTurn: [with, without])
        heroku.on("PATCH /apps/my-app/formation", json: "[]")
        heroku.on(
            "GET /apps/my-app/dynos",
            json: "[\(FakeHeroku.dyno("web.1", version: 8)), \(FakeHeroku.dyno("worker.1", version: 7))]")
        try await heroku.serve { heroku in
            try await heroku.platform().waitForDynos(made, in: heroku.context())
            let change = ScaleChange(place: FakeHeroku.place, type: "worker", quantity: 0)
            #expect(heroku.journal.all == [.scale(change, .done(Nothing()))])
            #expect(heroku.calls("PATCH /apps/my-app/formation").first?.body.contains(#""quantity":0"#) == true)
            #expect(heroku.log.text.contains("worker of my-app is not among this target's processes"))
        }
    }

    @Test(arguments: [(["worker"], ["worker"]), (["worker", "clock"], ["worker"]), (["web", "worker"], ["web"])])
    func `T13: a first release starts web, or what there is instead, and says how to start the others`(
        _ processes: [String], _ started: [String]
    ) async throws {
        let types = processes.map { #"{"type": "\#($0)", "quantity": 0}"# }.joined(separator: ", ")
        let heroku = FakeHeroku()
        heroku.on("GET /apps/my-app/formation", json: "[\(types)]")
        heroku.on("PATCH /apps/my-app/formation", json: "[]")
        heroku.on(
            "GET /apps/my-app/releases", json: "[\(FakeHeroku.release(8)), \(FakeHeroku.release(1, description: "x"))]")
        try await heroku.serve { heroku in
            try await heroku.platform(processes: processes).waitForDynos(made, in: heroku.context(processes: processes))
            #expect(
                heroku.journal.all.map { effect in
                    guard case .scale(let change, .done) = effect, change.quantity == 1 else { return "" }
                    return change.type
                } == started)
            for type in processes where !started.contains(type) {
                #expect(heroku.log.text.contains("`heroku ps:scale \(type)=1 -a my-app` starts it"))
            }
        }
    }
}

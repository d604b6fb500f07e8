import Foundation
import GRDB
import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

/// What jobs have released before version 11 stood in their journals alone.
struct MadeReleaseMigrationTests {
    private let bench = Bench()

    @Test func `what an earlier version has released is known by its release`() async throws {
        let dump = try #require(
            Bundle.module.url(forResource: "version8", withExtension: "sql", subdirectory: "Fixtures"))
        try FileManager.default.createDirectory(atPath: bench.folder, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: bench.file("slipway.db").path)
        try await queue.writeWithoutTransaction { try $0.execute(sql: String(contentsOf: dump, encoding: .utf8)) }
        try queue.close()
        let store = try await bench.open()
        let maker = try #require(try await store.job(1))
        let target = Target(
            name: try #require(maker.plan.target), place: Place(platform: "heroku", name: "shop-app"))
        let id = "0f1e2d3c-0000-1111-2222-333344445555"
        let running = Sighting.Running(version: 9, origin: id, since: .now(), clues: [.release("later"), .release(id)])
        try await store.record(
            Sighting(at: .now(), of: target.place, .running(running)), app: maker.plan.app, target: target.name,
            since: try await store.mark(of: target.place))
        let live = try #require(try await store.standing(app: maker.plan.app, target: target, at: .now()).live)
        #expect(live.isOwn && live.release?.job == 1)
        #expect(live.release?.image == "sha256:" + String(repeating: "ab", count: 32), "web's, not the release phase's")
        #expect(live.release?.commit == maker.plan.commit.id)
        try await store.close()
    }
}

import Foundation
import GRDB
import SlipwayBase
import SlipwayCore
import SlipwayStore
import Testing

/// A journal of before version 9, whose intents and outcomes were sentences.
struct JournalMigrationTests {
    private let bench = Bench()

    /// A database of version 8, opened by this version.
    private func migrated() async throws -> SQLiteStore {
        let dump = try #require(
            Bundle.module.url(forResource: "version8", withExtension: "sql", subdirectory: "Fixtures"))
        try FileManager.default.createDirectory(atPath: bench.folder, withIntermediateDirectories: true)
        let queue = try DatabaseQueue(path: bench.file("slipway.db").path)
        try await queue.writeWithoutTransaction { try $0.execute(sql: String(contentsOf: dump, encoding: .utf8)) }
        #expect(try await queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 8)
        try queue.close()
        return try await bench.open()
    }

    private func effects(_ job: JobID) async throws -> [Effect] {
        try await migrated().entries(of: job).map(\.effect)
    }

    // MARK: What the dump is about

    private let recipe = String(repeating: "12", count: 32)
    private let place = Place(platform: "heroku", name: "shop-app")
    private let made = PlatformRelease(
        id: "0f1e2d3c-0000-1111-2222-333344445555", version: 8, wasAlreadyRunning: false)
    private let current = PlatformRelease(
        id: "0f1e2d3c-0000-1111-2222-333344445555", version: 8, wasAlreadyRunning: true)

    @Test func `what was done is done, with what the world answered`() async throws {
        let entries = try await migrated().entries(of: 1)
        #expect(
            entries.map(\.effect) == [
                .test(test(1), .done(TestExit(code: 0))),
                .build(build(1), .done(BuiltImageID(id: Self.web))),
                .push(web, .done(RegistryImage(image: Self.web, manifest: Self.manifest))),
                .push(phase, .done(RegistryImage(image: Self.phase))),
                .release(change, .done(.made(made))),
                .scale(scale, .done(Nothing())),
            ])
        #expect(entries.map(\.id) == [1, 2, 3, 4, 5, 6])
        #expect(entries.map(\.step) == [.test, .build, .push, .push, .migrate, .release])
        #expect(entries[0].begunAt == Timestamp(milliseconds: 1_763_834_460_010))
        #expect(entries[0].endedAt == Timestamp(milliseconds: 1_763_834_460_015))
    }

    @Test func `what was begun is begun`() async throws {
        let entries = try await migrated().entries(of: 2)
        #expect(
            entries.map(\.effect) == [
                .test(test(2), .begun), .build(build(2), .begun), .push(web, .begun), .release(change, .begun),
                .scale(scale, .begun), .restart(restart, .begun), .runOneOff(oneOff("cafe01", .attached), .begun),
                // A note: it was done as soon as it was written.
                .followOneOff(OneOffFollow(marker: "cafe01", instance: "run.5"), .done(Nothing())),
                .runOneOff(oneOff("cafe02", .detached), .begun),
            ])
        #expect(entries.allSatisfy { ($0.endedAt == nil) == ($0.effect.state == .begun) })
    }

    @Test func `what failed here was not done, but a test script has ended`() async throws {
        #expect(
            try await effects(3) == [
                .test(test(3), .done(TestExit(code: 3))),
                .test(test(3), .done(TestExit(code: 127))),
                .test(test(3), .done(TestExit(code: 137, ranOutOfMemory: true))),
                .test(test(3), .notDone(reason: "docker create of test.image elixir:1.9.4 failed: no such image")),
                .test(test(3), .notDone(reason: "CancellationError()")),
                .build(build(3), .notDone(reason: "the Dockerfile has no stage shop")),
                .push(web, .notDone(reason: "push to registry.heroku.com/shop-app/web was denied")),
                .release(change, .notDone(reason: "422 invalid_params: no such image")),
                .scale(scale, .notDone(reason: "403 forbidden: no")),
                .restart(restart, .notDone(reason: "401 unauthorized: who?")),
            ])
    }

    @Test func `what ran already was restarted`() async throws {
        #expect(
            try await effects(4) == [
                .release(change, .done(.alreadyRunning)), .restart(restart, .done(current)),
                .restart(Restart(place: place, version: 8, instances: []), .done(current)),
            ])
    }

    @Test func `a one-off ended, or nobody knows, or it has not run`() async throws {
        #expect(
            try await effects(5) == [
                .runOneOff(oneOff("beef01", .attached), .done(.exited(code: 0, instance: "run.5"))),
                .runOneOff(oneOff("beef02", .detached), .done(.exited(code: 3, instance: "run.6"))),
                .runOneOff(
                    oneOff("beef03", .attached),
                    .done(.unknown(reason: "the connection to the dyno broke: it was reset", instance: "run.7"))),
                .runOneOff(
                    oneOff("beef04", .attached), .notDone(reason: "Heroku offers another way than a rendezvous")),
                .runOneOff(oneOff("beef05", .attached), .notDone(reason: "402 delinquent: pay")),
            ])
    }

    @Test func `what is not understood is begun, and matches nothing`() async throws {
        let nowhere = Place(platform: "heroku", name: "")
        #expect(
            try await effects(6) == [
                .test(
                    TestRun(container: "slipway-4f3c2a1b-6-test", image: "elixir:1.9.4", recipe: ""),
                    .notDone(reason: "lost in the fog")),
                .release(ReleaseChange(place: place, images: [:], versionBefore: 0), .begun),
                .restart(Restart(place: place, version: 0, instances: []), .begun),
                .scale(ScaleChange(place: place, type: "lost in the fog", quantity: 0), .begun),
                .runOneOff(
                    OneOffRun(place: nowhere, marker: "dead01", way: .detached, command: "lost in the fog"), .begun),
            ], "and what is of no kind that there was is left out")
    }

    @Test func `an image that was pushed is still kept from the housekeeping`() async throws {
        #expect(try await migrated().keptImages() == [Self.web])
    }

    // MARK: -

    private static let web = "sha256:" + String(repeating: "ab", count: 32)
    private static let phase = "sha256:" + String(repeating: "cd", count: 32)
    private static let manifest = "sha256:" + String(repeating: "ef", count: 32)

    private func test(_ job: JobID) -> TestRun {
        TestRun(container: "slipway-4f3c2a1b-\(job)-test", image: "elixir:1.9.4", recipe: recipe)
    }

    private func build(_ job: JobID) -> BuildRun {
        BuildRun(tag: "slipway:shop-" + String(repeating: "0", count: 39) + "\(job)", recipe: recipe)
    }

    private var web: ImagePush { ImagePush(repository: "shop-app/web", image: Self.web) }
    private var phase: ImagePush { ImagePush(repository: "shop-app/release", image: Self.phase) }

    private var change: ReleaseChange {
        ReleaseChange(place: place, images: ["web": Self.web, "release": Self.phase], versionBefore: 7)
    }

    private var scale: ScaleChange { ScaleChange(place: place, type: "web", quantity: 1) }

    private var restart: Restart {
        Restart(place: place, version: 8, instances: ["d1@2026-11-22T19:00:00Z", "d2@2026-11-22T19:00:01Z"])
    }

    private func oneOff(_ marker: String, _ way: OneOffRun.Way) -> OneOffRun {
        OneOffRun(place: place, marker: marker, way: way, command: "/app/bin/migrate --all")
    }
}

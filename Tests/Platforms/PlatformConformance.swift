import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSamples
import Testing

@testable import SlipwayDeploy

/// What every platform promises (`Platform`), each promise a test. A platform's own tests run them over a stage.
package enum PlatformConformance: String, CaseIterable, Sendable {
    case stepsAreOneReleaseAndTheMigration = "its steps are one release, and the migration where there is one"
    case publishedImageIsFoundAgain =
        "what was published is found again by the journal, and is the same when it is done again"
    case imageGoesLive = "an image goes live, and after it a newer one"
    case runningImageMakesNoRelease = "an image that runs already makes no release"
    case migrationRunsOnce = "a migration runs once for a release, and not again where it must not be repeated"
    case migrationMovesOn =
        "a migration that is configured away runs no more, and one that is configured otherwise runs in that way only"
    case failedMigrationFailsTheJob = "a migration that fails fails the job, and runs again with the next one"
    case unhealthyReleaseFails = "a release that does not answer as it should is no success"
    case earlierImageComesBack = "the image of an earlier release comes back when it is gone here, and migrates nothing"
    case stoppedJobDoesNothingTwice = "a job goes on wherever the server stopped, and does nothing twice"

    package func hold(on stage: any PlatformStage) async throws {
        let desk = try Desk(stage: stage)
        switch self {
        case .stepsAreOneReleaseAndTheMigration: try await desk.steps()
        case .publishedImageIsFoundAgain: try await desk.publishedAgain()
        case .imageGoesLive: try await desk.goesLive()
        case .runningImageMakesNoRelease: try await desk.alreadyRunning()
        case .migrationRunsOnce: try await desk.migratesOnce()
        case .migrationMovesOn: try await desk.movesOn()
        case .failedMigrationFailsTheJob: try await desk.failedMigration()
        case .unhealthyReleaseFails: try await desk.unhealthy()
        case .earlierImageComesBack: try await desk.comesBack()
        case .stoppedJobDoesNothingTwice: try await desk.stopped()
        }
    }
}

/// One platform with a store of its own.
private struct Desk: Sendable {
    let stage: any PlatformStage
    let store: SQLiteStore

    init(stage: any PlatformStage) throws {
        self.stage = stage
        store = try SQLiteStore.inMemory(feed: Feed())
    }

    /// At a place of its own, and nothing on record of it.
    private func target(_ migrate: Migration? = nil) async throws -> Target {
        let place = try await stage.newPlace()
        return Target(name: place.name, place: place, migrate: migrate)
    }

    private func migration(_ way: Migration.Way, repeatable: Bool = false, succeeds: Bool = true) -> Migration {
        Migration(command: stage.migrationCommand(succeeds: succeeds), run: way, repeatable: repeatable)
    }

    /// Texts that begin with the same letter are of one commit.
    private func image(_ text: String) async throws -> BuiltImage {
        let digit = try #require(text.unicodeScalars.first).value % 10
        return try await stage.image(text, of: .sample(Character("\(digit)")))
    }

    private func job(_ image: BuiltImage, at target: Target, rollbackOf release: Release? = nil) async throws
        -> PlayedJob
    {
        let guid = UUID().uuidString
        let trigger =
            release.map { Trigger.rollback(to: $0, delivery: guid, by: nil) }
            ?? Trigger(kind: .deploy, ref: "refs/heads/main", delivery: guid, by: nil)
        let plan = Plan(app: "my_app", target: target.name, trigger: trigger, commit: Commit(id: image.commit))
        return try await PlayedJob(plan, of: image, at: target, on: stage, store)
    }

    private func failure(_ work: () async throws -> Void) async throws -> String {
        do {
            try await work()
        } catch let failure as JobFailure {
            return failure.reason
        }
        Issue.record("it did not fail")
        return ""
    }

    // MARK: The promises

    func steps() async throws {
        func names(_ migrate: Migration?) async throws -> [Step.Name] {
            stage.kind.stepsToGoLive(at: try await target(migrate)).map(\.step.name)
        }
        #expect(try await names(nil) == [.release])
        for way in stage.ways {
            #expect(try await names(migration(way)).sorted { $0.rawValue < $1.rawValue } == [.migrate, .release])
        }
    }

    func publishedAgain() async throws {
        let target = try await target(stage.ways.first.map { migration($0, repeatable: true) })
        let job = try await job(try await image("one"), at: target)
        let published = try await job.play().published
        #expect(published.images.prefix(target.processes.count).map(\.type) == target.processes)
        #expect(published.images.allSatisfy { $0.image.hasPrefix("sha256:") })
        let again = try await self.job(job.image, at: target).play().published
        #expect(again.images == published.images)
        func known(_ target: Target) async throws -> PublishedImage? {
            try job.platform(at: target).published(job.image.commit, by: try await store.entries(of: job.job.id))
        }
        #expect(try await known(target)?.images == published.images)
        var wider = target
        wider.processes.append("worker")
        #expect(try await known(wider) == nil, "there is none for the worker")
        var moved = target
        moved.place = try await stage.newPlace()
        #expect(try await known(moved) == nil, "there is none at the other place")
    }

    func goesLive() async throws {
        let target = try await target()
        let first = try await job(try await image("one"), at: target).play().release
        #expect(try await stage.facts(of: target.place) == PlaceFacts(releases: 1, migrations: 0, answer: "one"))
        let second = try await job(try await image("two"), at: target).play().release
        #expect(try await stage.facts(of: target.place) == PlaceFacts(releases: 2, migrations: 0, answer: "two"))
        #expect(second.version > first.version)
        #expect(!first.wasAlreadyRunning && !second.wasAlreadyRunning)
    }

    func alreadyRunning() async throws {
        let target = try await target()
        let first = try await job(try await image("one"), at: target).play().release
        let again = try await job(try await image("one"), at: target).play().release
        #expect(again.wasAlreadyRunning && again.version == first.version)
        #expect(try await stage.facts(of: target.place) == PlaceFacts(releases: 1, migrations: 0, answer: "one"))
    }

    func migratesOnce() async throws {
        for way in stage.ways {
            let target = try await target(migration(way))
            _ = try await job(try await image("one"), at: target).play()
            #expect(try await stage.facts(of: target.place) == PlaceFacts(releases: 1, migrations: 1, answer: "one"))
            // Another image of the same commit: its migration is the same.
            _ = try await job(try await image("one again"), at: target).play()
            let facts = try await stage.facts(of: target.place)
            #expect(facts == PlaceFacts(releases: 2, migrations: 1, answer: "one again"), "\(way)")
        }
    }

    func movesOn() async throws {
        for way in stage.ways {
            for next in stage.ways.filter({ $0 != way }).map(Optional.init) + [nil] {
                var target = try await target(migration(way))
                _ = try await job(try await image("one"), at: target).play()
                target.migrate = next.map { migration($0) }
                _ = try await job(try await image("two"), at: target).play()
                let facts = try await stage.facts(of: target.place)
                #expect(
                    facts.migrations == (next == nil ? 1 : 2) && facts.answer == "two",
                    "\(way), then \(String(describing: next))")
            }
        }
    }

    func failedMigration() async throws {
        for way in stage.ways {
            var target = try await target(migration(way, succeeds: false))
            let image = try await image("one")
            let reason = try await failure { _ = try await job(image, at: target).play() }
            #expect(!reason.isEmpty)
            #expect(try await stage.facts(of: target.place).migrations == 1)
            target.migrate = migration(way)
            _ = try await job(image, at: target).play()
            let facts = try await stage.facts(of: target.place)
            #expect(facts.migrations == 2 && facts.answer == "one", "\(way)")
        }
    }

    func unhealthy() async throws {
        var target = try await target()
        target.health.status = 418
        target.health.within = .seconds(1)
        let reason = try await failure { _ = try await job(try await image("one"), at: target).play() }
        #expect(reason.contains("418"), "\(reason)")
        target.health = HealthCheck()
        _ = try await job(try await image("one"), at: target).play()
    }

    func comesBack() async throws {
        let target = try await target(stage.ways.first.map { migration($0) })
        let first = try await job(try await image("one"), at: target)
        let done = try await first.play()
        let release = try #require(try await store.live(app: "my_app", target: target.name))
        #expect(try release.job == first.job.id && release.version == done.release.version)
        _ = try await job(try await image("two"), at: target).play()
        let before = try await stage.facts(of: target.place)
        try await stage.remove(first.image.id)
        let back = try await job(first.image, at: target, rollbackOf: release)
        let fetched = try await back.fetch(release)
        #expect(try fetched == done.published.image)
        _ = try await back.play()
        let after = try await stage.facts(of: target.place)
        #expect(after == PlaceFacts(releases: before.releases + 1, migrations: before.migrations, answer: "one"))
    }

    /// At every write of its journal, one after the other.
    func stopped() async throws {
        for way in [nil] + stage.ways.map(Optional.init) {
            var writes = 0
            var isWhole = false
            while !isWhole {
                let target = try await target(way.map { migration($0) })
                let job = try await job(try await image("one"), at: target)
                do {
                    try await job.play(dyingAfter: writes)
                    isWhole = true
                } catch is CancellationError {
                    try await job.goOn()
                }
                let facts = try await stage.facts(of: target.place)
                let migrations = way == nil ? 0 : 1
                #expect(
                    facts == PlaceFacts(releases: 1, migrations: migrations, answer: "one"),
                    "\(way.map { "\($0)" } ?? "without a migration"), stopped after \(writes) writes")
                writes += 1
            }
            #expect(writes > 4, "a push and a release, each written down before and after")
        }
    }
}

extension PlatformConformance: CustomTestStringConvertible {
    package var testDescription: String { rawValue }
}

import Logging
package import SlipwayCore

@testable import SlipwayDeploy

/// A platform's stage on which others act, too.
package protocol SharedStage: PlatformStage {
    /// What somebody does on the platform itself, until it has come about. Nothing happens where there is nothing to go
    /// back to.
    func disturb(_ place: Place, _ act: Disturbance) async throws
    /// The next release at a place is to fail before it goes live.
    /// - Returns: false where this stage cannot do that.
    func failNextRelease(at place: Place) async throws -> Bool
}

package enum Disturbance: Sendable {
    /// `heroku rollback`, or `heroku releases:rollback` further back: so many images before the one that runs.
    case rollBack(steps: Int)
    /// `heroku config:set`
    case setConfig
}

/// Calls back at the end of each step, where others may act before the next one.
struct DisturbedStage: PlatformStage {
    let stage: any SharedStage
    let events: StepEvents

    var kind: any PlatformKind { DisturbedKind(kind: stage.kind, events: events) }
    var configuration: Configuration { stage.configuration }
    var engine: JobEngine { stage.engine }
    var ways: [Migration.Way] { stage.ways }

    func newPlace() async throws -> Place { try await stage.newPlace() }
    func image(_ text: String, of commit: CommitID) async throws -> BuiltImage {
        try await stage.image(text, of: commit)
    }
    func remove(_ image: String) async throws { try await stage.remove(image) }
    func migrationCommand(succeeds: Bool) -> String { stage.migrationCommand(succeeds: succeeds) }
    func facts(of place: Place) async throws -> PlaceFacts { try await stage.facts(of: place) }
}

struct StepEvents: Sendable {
    /// The platform is about to be asked to release this.
    var releases: @Sendable (Target, PublishedImage) async throws -> Void
    var ended: @Sendable (Step.Name) async throws -> Void
}

private struct DisturbedKind: PlatformKind {
    let kind: any PlatformKind
    let events: StepEvents

    var name: String { kind.name }
    func stepsToGoLive(at target: Target) -> [LiveStep] { kind.stepsToGoLive(at: target) }
    func questions(_ configuration: Configuration) -> [PlatformQuestion] { [] }

    func platform(for target: Target, _ configuration: Configuration, _ tools: JobTools) throws -> any Platform {
        DisturbedPlatform(
            platform: try kind.platform(for: target, configuration, tools), target: target, events: events)
    }

    func whatRuns(
        at target: Target, _ configuration: Configuration, insists: Bool, _ logger: Logger
    ) async throws -> Sighting.Answer {
        try await kind.whatRuns(at: target, configuration, insists: insists, logger)
    }
}

private struct DisturbedPlatform: Platform {
    let platform: any Platform
    let target: Target
    let events: StepEvents

    func publish(_ image: BuiltImage, in context: StepContext) async throws -> PublishedImage {
        let published = try await platform.publish(image, in: context)
        try await events.ended(.push)
        return published
    }

    func published(_ commit: CommitID, by journal: [JournalEntry]) -> PublishedImage? {
        platform.published(commit, by: journal)
    }

    func fetch(_ release: Release, of origin: Target, in context: StepContext) async throws -> String {
        try await platform.fetch(release, of: origin, in: context)
    }

    func release(_ image: PublishedImage, in context: StepContext) async throws -> PlatformRelease {
        try await events.releases(target, image)
        return try await platform.release(image, in: context)
    }

    func migrate(
        _ migration: Migration, of image: PublishedImage, in release: PlatformRelease, _ context: StepContext
    ) async throws -> MigrationEnd {
        let end = try await platform.migrate(migration, of: image, in: release, context)
        try await events.ended(.migrate)
        return end
    }

    func awaitRunning(_ release: PlatformRelease, of image: PublishedImage, in context: StepContext) async throws {
        try await platform.awaitRunning(release, of: image, in: context)
        try await events.ended(.release)
    }

    func verify(_ release: PlatformRelease, of commit: CommitID, in context: StepContext) async throws {
        try await platform.verify(release, of: commit, in: context)
        try await events.ended(.verify)
    }
}

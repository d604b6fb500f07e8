import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import SlipwayDeploy
import SlipwayStore

/// A job from the publishing of its image on, played as Slipway does it.
struct PlayedJob: Sendable {
    let stage: any PlatformStage
    let store: SQLiteStore
    let job: Job
    let app: App
    let target: Target
    let image: BuiltImage

    /// Steps that ended before the server stopped, with what they brought.
    struct Progress: Sendable {
        var published: PublishedImage?
        var release: PlatformRelease?
        var ended: Set<Step.Name> = []
    }

    /// - Parameters:
    ///   - progress: of the job until the server stopped; gets what it comes to.
    ///   - writes: so many of the journal's writes come through, then the server dies.
    /// - Throws: what ends a step.
    func play(_ progress: inout Progress, dyingAfter writes: Int? = nil) async throws {
        let platform = try platform(at: target)
        let earlier = try await store.entries(of: job.id)
        let journal = StoppingJournal(store, after: writes)
        func context(_ step: Step.Name) -> StepContext {
            StepContext(
                job: job, app: app, target: target, step: step,
                log: StepLog(book: NoBook(), job: job.id, step: step, redactor: Redactor(secrets: [])),
                journal: journal, earlier: earlier.filter { $0.step == step })
        }
        let published: PublishedImage
        if progress.ended.contains(.push), let known = platform.published(image.commit, by: earlier) {
            published = known
        } else {
            published = try await platform.publish(image, in: context(.push))
            progress.ended.insert(.push)
        }
        progress.published = published
        var release: PlatformRelease?
        for step in stage.kind.stepsToGoLive(at: target) where !job.plan.isRollback || step.isRelease {
            let context = context(step.name)
            if progress.ended.contains(step.name) {
                release = release ?? context.releaseBegun
                continue
            }
            let begun: PlatformRelease
            if let release { begun = release } else { begun = try await platform.release(published, in: context) }
            switch step {
            case .release: try await platform.awaitRunning(begun, of: published, in: context)
            case .migrate(let migration):
                let isDue = try await record.isDue(migration, of: published)
                let end = try await platform.migrate(migration, of: published, in: begun, isDue: isDue, context)
                if end == .done {
                    let migrated = Migrated(image: published.image, commit: image.commit, command: migration.command)
                    try await store.record(migrated, app: app.name, target: target.name, job: job.id)
                }
            }
            release = begun
            progress.ended.insert(step.name)
        }
        guard let release else { return }
        progress.release = release
        try await platform.verify(release, of: image.commit, in: context(.verify))
    }

    /// The port, made again as for each job.
    func platform(at target: Target) throws -> any Platform {
        try stage.kind.platform(
            for: target, stage.configuration, JobTools(engine: stage.engine, record: record, logger: logger))
    }

    private var record: TargetRecord {
        TargetRecord(
            store, Patience(pause: .zero, limit: .zero, logger: logger), app: app.name, target: target.name, job: job.id
        )
    }

    private var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    func play() async throws -> Progress {
        var progress = Progress()
        try await play(&progress)
        return progress
    }
}

extension LiveStep {
    var name: Step.Name {
        switch self {
        case .release: .release
        case .migrate: .migrate
        }
    }

    var isRelease: Bool { name == .release }
}

/// Keeps nothing.
private struct NoBook: LogBook {
    func append(_ lines: [UInt8], job: JobID, step: Step.Name, isOwn: Bool) async -> Int? { nil }
    func show(_ unfinished: [UInt8], job: JobID, step: Step.Name) async {}
    func unfinished(job: JobID, step: Step.Name?) async -> [UInt8] { [] }
    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> LogPiece {
        LogPiece(next: offset)
    }
    func size(job: JobID, step: Step.Name?) async throws -> Int { 0 }
    func omitted(job: JobID, step: Step.Name?) async throws -> [Range<Int>] { [] }
}

extension PlayedJob {
    /// - Returns: the engine's id of the image.
    func fetch(_ release: Release) async throws -> String {
        let platform = try platform(at: target)
        let context = StepContext(
            job: job, app: app, target: target, step: .push,
            log: StepLog(book: NoBook(), job: job.id, step: .push, redactor: Redactor(secrets: [])), journal: store)
        return try await platform.fetch(release, of: target, in: context)
    }
}

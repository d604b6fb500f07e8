import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSamples
import TestSupport

@testable import SlipwayDeploy

/// A job at a platform, run by Slipway's own steps from the publishing of its image on: what comes before is not a
/// platform's.
struct PlayedJob: Sendable {
    let stage: any PlatformStage
    let store: SQLiteStore
    let job: Job
    let configuration: Configuration
    let target: Target
    let image: BuiltImage
    /// Of its server, which has it in the names of containers: many of these jobs are the first of theirs.
    private let instance = UUID().uuidString.lowercased()

    /// A job that has been claimed.
    init(_ plan: Plan, of image: BuiltImage, at target: Target, on stage: any PlatformStage, _ store: SQLiteStore)
        async throws
    {
        self.stage = stage
        self.store = store
        self.target = target
        self.image = image
        var configuration = stage.configuration
        configuration.apps = [
            App(name: plan.app, repository: "owner/\(plan.app)", cloneURL: "file:///nowhere", targets: [target])
        ]
        self.configuration = configuration
        _ = try await store.record(.sample(plan.trigger.delivery), .plans([plan]), repository: nil)
        let steps = try Self.parts(of: plan, configuration, stage, image).steps.map(\.name)
        guard let job = try await store.claim(slots: 1, steps: { _ in steps }) else { throw NotClaimed() }
        self.job = job
    }

    private struct NotClaimed: Error {}

    private static func parts(
        of plan: Plan, _ configuration: Configuration, _ stage: any PlatformStage, _ image: BuiltImage
    ) throws -> [any JobPart] {
        let course = try JobCourse(of: plan, in: configuration, on: Platforms([stage.kind]))
        let afterPush = course.parts.drop { !$0.steps.map(\.name).contains(.push) }.dropFirst()
        return [Built(image: image), PushStep()] + afterPush
    }

    /// In the place of checkout, tests and build.
    private struct Built: JobPart {
        let image: BuiltImage

        func go(_ run: JobRun, _ products: Products) async throws -> Products {
            var products = products
            try products.add(.commit(image.commit))
            try products.add(.built(image))
            return products
        }
    }

    /// Runs it to its end, which is written down.
    /// - Parameter writes: so many of the journal's writes come through, then the server dies; nil: it does not.
    /// - Throws: `JobFailure`, or `CancellationError` for a server that has died, which leaves the job to `goOn`.
    @discardableResult
    func play(dyingAfter writes: Int? = nil) async throws -> Products {
        try await play(job, earlier: [], dyingAfter: writes)
    }

    /// What the next server does with it.
    @discardableResult
    func goOn() async throws -> Products {
        let steps = job.steps.map(\.name)
        _ = try await store.recover { _ in steps }
        let job = try await store.job(job.id) ?? job
        return try await play(job, earlier: try await store.entries(of: job.id), dyingAfter: nil)
    }

    private func play(_ job: Job, earlier: [JournalEntry], dyingAfter writes: Int?) async throws -> Products {
        let data = try TemporaryFolder()
        let progress = JobProgress(passed: job.pointOfNoReturn)
        var limits = StepLimits()
        limits.writePatience = .zero
        let pipeline = Pipeline(
            queue: store, journal: StoppingJournal(store, after: writes) { progress.abandon() }, releases: store,
            logs: NoBook(), git: Git(data: data.path, configuration: Current(configuration)),
            docker: stage.engine.docker, platforms: Platforms([stage.kind]), data: data.path, instance: instance,
            limits: limits)
        let run = try JobRun(
            pipeline, job, configuration, Redactor(secrets: configuration.secrets), progress, earlier: earlier)
        try FileManager.default.createDirectory(atPath: run.folder, withIntermediateDirectories: true)
        do {
            let products = try await run.go(Self.parts(of: job.plan, configuration, stage, image))
            try await store.finish(job.id, as: .succeeded, reason: nil)
            return products
        } catch let failure as JobFailure {
            try await store.finish(job.id, as: .failed, reason: failure.reason)
            throw failure
        }
    }

    /// The port, made again as for each job.
    func platform(at target: Target) throws -> any Platform {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let record = TargetRecord(
            store, Patience(pause: .zero, limit: .zero, logger: logger), app: job.plan.app, target: target.name,
            job: job.id)
        return try stage.kind.platform(
            for: target, configuration, JobTools(engine: stage.engine, record: record, logger: logger))
    }

    /// - Returns: the engine's id of the image.
    func fetch(_ release: Release) async throws -> String {
        let context = StepContext(
            job: job, app: configuration.apps[0], target: target, step: .push,
            log: StepLog(book: NoBook(), job: job.id, step: .push, redactor: Redactor(secrets: [])), journal: store)
        return try await platform(at: target).fetch(release, of: target, in: context)
    }
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

import Foundation
import SlipwayBase
import SlipwayCore

/// One job on its way along its course.
struct JobRun: Sendable {
    let parts: Pipeline
    let job: Job
    let course: JobCourse
    let configuration: Configuration
    let redactor: Redactor
    let progress: JobProgress
    /// What the job had done before the server stopped in it.
    let earlier: [JournalEntry]
    /// Removed when the job ends: work tree, engine configuration, temporary files.
    let folder: String
    let engine: JobEngine
    /// A job that only tests has none. One that could not be made fails the first step that needs it.
    private let madePlatform: Result<any Platform, any Error>?
    let record: TargetRecord?

    var app: App { course.app }
    var target: Target? { course.target }
    /// Where checkout lays the commit's tree.
    var source: String { folder + "/source" }

    /// - Throws: `JobFailure` where the configuration no longer has what the job is for.
    init(
        _ parts: Pipeline, _ job: Job, _ configuration: Configuration, _ redactor: Redactor, _ progress: JobProgress,
        earlier: [JournalEntry]
    ) throws {
        self.parts = parts
        self.job = job
        self.configuration = configuration
        self.redactor = redactor
        self.progress = progress
        self.earlier = earlier
        do throws(NoLongerConfigured) {
            course = try JobCourse(of: job.plan, in: configuration, on: parts.platforms)
        } catch {
            throw JobFailure(
                reason: "\(error.what) is no longer configured"
                    + (job.hasPassedPointOfNoReturn
                        ? "; its release had begun: look at what is live there and at the database" : ""))
        }
        folder = "\(parts.data)/work/\(job.id)"
        let engine = JobEngine(
            parts.docker, parts.runner, folder: folder, instance: parts.instance, job: job.id, redactor: redactor,
            configuration: configuration)
        self.engine = engine
        guard let target = course.target else {
            (madePlatform, record) = (nil, nil)
            return
        }
        let record = TargetRecord(
            parts.releases, parts.patience, app: course.app.name, target: target.name, job: job.id)
        self.record = record
        madePlatform = Result {
            guard let kind = parts.platforms[target.place] else { throw StepFailure("it is no longer configured") }
            return try kind.platform(
                for: target, configuration, JobTools(engine: engine, record: record, logger: parts.logger))
        }
    }

    /// - Returns: what is to be said about a success, if anything.
    /// - Throws: `JobFailure`, `EarlyEnd` or `CancellationError`.
    func run() async throws -> String? {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try? FileManager.default.removeItem(atPath: folder)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JobFailure(reason: "\(folder) cannot be made: \(error)")
        }
        return try await go(course.parts).remark
    }

    /// From the last checkpoint whose work a server that stopped has left.
    func go(_ parts: [any JobPart]) async throws -> Products {
        for (index, part) in parts.enumerated().reversed() {
            guard let step = part as? any JobStep, step.isCheckpoint, let left = try await left(of: step) else {
                continue
            }
            var products = Products()
            try products.add(left)
            return try await Array(parts[(index + 1)...]).go(self, products)
        }
        return try await parts.go(self, Products())
    }

    /// The place where the job's releases go.
    /// - Throws: why there is none, or why it could not be made.
    var platform: any Platform {
        get throws {
            guard let madePlatform else { throw StepFailure("a job without a target releases nothing") }
            return try madePlatform.get()
        }
    }

    /// Waits between two steps, says why, and can be cancelled.
    func rest(_ pause: Duration, while reason: () async throws -> String?) async throws {
        var said: String?
        try progress.rest()
        defer { progress.goOn() }
        while let reason = try await reason() {
            if reason != said { try await parts.queue.explain(job.id, reason) }
            said = reason
            try await Task.sleep(for: pause)
        }
        if said != nil { try await parts.queue.explain(job.id, nil) }
    }
}

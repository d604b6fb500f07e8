import Foundation
import SlipwayBase
import SlipwayCore

/// One job on its way from a commit to a release that answers.
struct JobRun: Sendable {
    let parts: Pipeline
    let job: Job
    let configuration: Configuration
    let redactor: Redactor
    let progress: JobProgress
    /// What the job had done before the server stopped in it.
    let earlier: [JournalEntry]
    /// Removed when the job ends: work tree, engine configuration, temporary files.
    let folder: String

    init(
        _ parts: Pipeline, _ job: Job, _ configuration: Configuration, _ redactor: Redactor, _ progress: JobProgress,
        earlier: [JournalEntry]
    ) {
        self.parts = parts
        self.job = job
        self.configuration = configuration
        self.redactor = redactor
        self.progress = progress
        self.earlier = earlier
        folder = "\(parts.data)/work/\(job.id)"
    }

    /// - Returns: what is to be said about a success, if anything.
    /// - Throws: `JobFailure`, `EarlyEnd` or `CancellationError`.
    func run() async throws -> String? {
        guard let app = configuration.app(named: job.plan.app) else { throw gone("app \(job.plan.app)") }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            try? FileManager.default.removeItem(atPath: folder)
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw JobFailure(reason: "\(folder) cannot be made: \(error)")
        }
        guard let name = job.plan.target else {
            try await test(app)
            return nil
        }
        guard let target = app.target(named: name) else { throw gone("target \(name) of \(app.name)") }
        if job.plan.trigger.kind == .rollback { return try await rollBack(app, at: target) }
        return try await deploy(app, to: target)
    }

    private func gone(_ what: String) -> JobFailure {
        JobFailure(
            reason: "\(what) is no longer configured"
                + (job.hasPassedPointOfNoReturn
                    ? "; its release had begun: look at what is live there and at the database" : ""))
    }

    private func test(_ app: App) async throws {
        // A full disk fails no job, and what tests write is on it: the work tree here, their containers on the engine.
        try await rest(parts.limits.roomPause, while: parts.shortage)
        let commit = try await checkOut(app)
        try await restoreSource(commit, app)
        try await step(.test, app, within: app.test?.timeout, ended: { _ in () }) { try await runTests(commit, $0) }
    }

    private func deploy(_ app: App, to target: Target) async throws -> String? {
        let image = try await pushedImage(app, target)
        return try await live(image, app, target) { try await goLive(image, app, target) }
    }

    /// Releases, verifies and records. One at a time on a Heroku app: a reload may have given a target another name while
    /// its job ran.
    /// - Returns: what is to be said about the success.
    func live(
        _ image: PushedImage, _ app: App, _ target: Target, _ release: @Sendable () async throws -> PlatformRelease
    ) async throws -> String? {
        try await awaitUnlocked(target)
        return try await parts.releasing.withLock(target.herokuApp) {
            let release = try await release()
            let limit = target.health.within + parts.limits.slack
            try await step(.verify, app, target, within: limit, ended: { _ in () }) {
                try await verify(release, image, $0)
            }
            return try await record(release, image, app, target)
        }
    }

    private func pushedImage(_ app: App, _ target: Target) async throws -> PushedImage {
        // A job that the server stopped in after this needs Heroku only. Whatever it was built by may be gone or different.
        if let image = imagePushedBefore(to: target) { return image }
        if let source = target.promote {
            try await judgePromotion(from: source, app, target)
            return try await step(.push, app, target) { try await promote(from: source, $0) }
        }
        let commit = try await checkOut(app, target)
        let built = try await testAndBuild(commit, app, target)
        return try await step(.push, app, target) { try await push(built, $0) }
    }

    /// A lock that came while the job ran holds it before anything changes.
    private func awaitUnlocked(_ target: Target) async throws {
        guard !job.hasPassedPointOfNoReturn else { return }
        try await rest(parts.limits.lockPause) {
            try await parts.queue.lock(app: job.plan.app, target: target.name).map {
                "the target is locked by \($0.inWords)"
            }
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

    // MARK: - A step

    /// Runs one step with its log, its time limit and its record.
    /// - Parameters:
    ///   - ended: what the step has left, where it ended before the server stopped; nil: it is run again.
    ///   - body: where the server stopped in it, it finds in the context what it had begun, and asks the world what became
    ///     of it before it does anything twice.
    /// - Throws: `JobFailure`, which ends the job, or `CancellationError`.
    func step<Value: Sendable>(
        _ name: Step.Name, _ app: App, _ target: Target? = nil, within limit: Duration? = nil,
        ended: @Sendable (StepContext) async throws -> Value? = { _ in nil },
        _ body: @escaping @Sendable (StepContext) async throws -> StepResult<Value>
    ) async throws -> Value {
        let log = StepLog(book: parts.logs, job: job.id, step: name, redactor: redactor)
        let context = StepContext(
            job: job, app: app, target: target, configuration: configuration, step: name, log: log,
            journal: parts.journal, earlier: earlier.filter { $0.step == name })
        let before = job.steps.first { $0.name == name }
        if before?.state.hasEnded == true, let value = try await ended(context) { return value }
        var record = Step(name: name, state: .running, startedAt: before?.startedAt ?? .now())
        try progress.enter(name)
        try await update(record)
        if before?.state == .running { await log.line("the server stopped here and goes on now") }
        let result: StepResult<Value>
        do {
            result = try await within(limit ?? parts.limits[name], of: name) {
                try await runBody(of: context, body)
            }
        } catch {
            await log.flush()
            guard let reason = Self.reason(of: error).map(redactor.redact) else {
                record.state = .cancelled
                record.reason = progress.stop?.reason ?? "another step failed"
                if !progress.isAbandoned { try await update(record) }
                throw CancellationError()
            }
            record.state = .failed
            record.reason = reason
            record.detail = await log.detail(name == .build ? .build : .command)
            await log.line(reason)
            // Why it failed is told by the job's end in any case.
            try? await update(record)
            throw JobFailure(reason: "\(name.rawValue): \(reason)")
        }
        record.state = result.state
        record.reason = result.reason
        await log.flush()
        try await update(record)
        return result.value
    }

    /// nil for a cancellation, which is nobody's fault.
    private static func reason(of error: any Error) -> String? {
        switch error {
        case is CancellationError: nil
        case let failure as StepFailure: failure.reason
        default: "\(error)".singleLine()
        }
    }

    private func update(_ record: Step) async throws {
        var record = record
        if record.state.hasEnded { record.finishedAt = .now() }
        let (queue, id) = (parts.queue, job.id)
        try await parts.patience.write { [record] in try await queue.update(record, of: id) }
    }

    private func within<Value: Sendable>(
        _ limit: Duration, of step: Step.Name, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            if let value = try await group.next() ?? nil { return value }
            try Task.checkCancellation()
            group.cancelAll()
            // The step ends what it started before this says so.
            if let value = try? await group.next() ?? nil { return value }
            let advice =
                switch step {
                case .test, .build: "; if it needs longer, raise \(step.rawValue).timeout"
                default: "; its log says how far it came"
                }
            throw StepFailure("took longer than \(limit.inWords) and was ended\(advice)")
        }
    }
}

extension StepLimits {
    fileprivate subscript(step: Step.Name) -> Duration {
        switch step {
        case .checkout: checkout
        case .push: push
        default: release
        }
    }
}

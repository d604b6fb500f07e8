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
    let earlier: [Effect]
    /// Removed when the job ends: work tree, engine configuration, temporary files.
    let folder: String

    init(
        _ parts: Pipeline, _ job: Job, _ configuration: Configuration, _ redactor: Redactor, _ progress: JobProgress,
        earlier: [Effect]
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
        guard let app = configuration.app(named: job.plan.app) else {
            throw JobFailure(reason: "app \(job.plan.app) is no longer configured")
        }
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
        guard let target = app.target(named: name) else {
            throw JobFailure(reason: "target \(name) of \(app.name) is no longer configured")
        }
        if job.plan.trigger.kind == .rollback { return try await rollBack(app, at: target) }
        return try await deploy(app, to: target)
    }

    private func test(_ app: App) async throws {
        let commit = try await checkOut(app)
        try await restoreSource(commit, app)
        try await step(.test, app, within: app.test?.timeout, ended: { _ in () }) { try await runTests(commit, $0) }
    }

    private func deploy(_ app: App, to target: Target) async throws -> String? {
        let image: PushedImage
        if let source = target.promote {
            image = try await step(.push, app, target, ended: pushed) { try await promote(from: source, $0) }
        } else {
            let commit = try await checkOut(app, target)
            let built = try await testAndBuild(commit, app, target)
            image = try await step(.push, app, target, ended: pushed) { try await push(built, $0) }
        }
        let release = try await goLive(image, app, target)
        return try await verifyAndRecord(release, image, app, target)
    }

    func verifyAndRecord(
        _ release: HerokuRelease, _ image: PushedImage, _ app: App, _ target: Target
    ) async throws -> String? {
        let limit = target.health.within + parts.limits.slack
        try await step(.verify, app, target, within: limit, ended: { _ in () }) {
            try await verify(release, image, $0)
        }
        return try await record(release, image, app, target)
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
        ended: @Sendable (StepContext) async throws -> Value?,
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
        if before?.state == .running { await log.line("slipway: the server stopped here and goes on now") }
        do {
            let result = try await within(limit ?? parts.limits[name], of: name) {
                try await runBody(of: context, body)
            }
            record.state = result.state
            record.reason = result.reason
            await log.flush()
            try await update(record)
            return result.value
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
            try await update(record)
            await log.line("slipway: \(reason)")
            throw JobFailure(reason: "\(name.rawValue): \(reason)")
        }
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
        try await uncancelled { [record] in try await queue.update(record, of: id) }
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

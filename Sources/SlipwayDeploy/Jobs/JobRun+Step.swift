import SlipwayBase
import SlipwayCore

/// What runs a step: its log, its time limit, its record, what a restart of the server or of the engine does to it.
extension JobRun {
    /// - Throws: `JobFailure`, which ends the job, or `CancellationError`.
    func take(_ step: any JobStep, _ products: Products) async throws -> Product {
        let context = context(of: step, products)
        if let left = try await left(of: step, context) { return left }
        let before = job.steps.first { $0.name == step.name }
        var record = Step(name: step.name, state: .running, startedAt: before?.startedAt ?? .now())
        try progress.enter(step.name)
        try await update(record)
        let log = context.log
        if before?.state == .running { await log.line("the server stopped here and goes on now") }
        let result: StepResult
        do {
            result = try await within(step.limit(self)) { try await body(of: step, context) }
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
            record.detail = await log.detail(step.name == .build ? .build : .command)
            await log.line(reason)
            // Why it failed is told by the job's end in any case.
            try? await update(record)
            throw JobFailure(reason: "\(step.name.rawValue): \(reason)")
        }
        record.state = result.state
        record.reason = result.reason
        await log.flush()
        try await update(record)
        return result.product
    }

    /// What a step has left that had ended before the server stopped.
    func left(of step: any JobStep, _ context: StepContext? = nil) async throws -> Product? {
        guard job.steps.contains(where: { $0.name == step.name && $0.state.hasEnded }) else { return nil }
        do {
            return try await step.left(self, context ?? self.context(of: step, Products()))
        } catch let failure as StepFailure {
            throw JobFailure(reason: "\(step.name.rawValue): \(failure.reason)")
        }
    }

    private func context(of step: any JobStep, _ products: Products) -> StepContext {
        StepContext(
            job: job, app: app, target: target, step: step.name,
            log: StepLog(book: parts.logs, job: job.id, step: step.name, redactor: redactor), journal: parts.journal,
            earlier: earlier.filter { $0.step == step.name }, products: products)
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

    // MARK: The time limit

    private func within(
        _ limit: TimeLimit, _ body: @escaping @Sendable () async throws -> StepResult
    ) async throws -> StepResult {
        try await withThrowingTaskGroup(of: StepResult?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try? await Task.sleep(for: limit.duration)
                return nil
            }
            defer { group.cancelAll() }
            if let result = try await group.next() ?? nil { return result }
            try Task.checkCancellation()
            group.cancelAll()
            // The step ends what it started before this says so.
            if let result = try? await group.next() ?? nil { return result }
            let advice = limit.key.map { "if it needs longer, raise \($0)" } ?? "its log says how far it came"
            throw StepFailure("took longer than \(limit.duration.inWords) and was ended; \(advice)")
        }
    }

    // MARK: The engine

    /// A step that works on the Docker engine is begun again from its beginning when the engine stopped in the middle:
    /// what ran on it is gone with it.
    private func body(of step: any JobStep, _ context: StepContext) async throws -> StepResult {
        var tries = step.usesEngine ? parts.limits.engineTries : 1
        while true {
            do {
                return try await step.run(self, context)
            } catch let failure as StepFailure where tries > 1 {
                guard let trouble = await engine.trouble(saying: failure.reason) else { throw failure }
                tries -= 1
                await context.log.line(trouble.words)
                guard try await parts.docker.wait(within: parts.limits.engine) else {
                    throw StepFailure("\(failure.reason); it was waited for \(parts.limits.engine.inWords)")
                }
                await context.log.line("\(trouble.isOver); beginning the step again")
            }
        }
    }
}

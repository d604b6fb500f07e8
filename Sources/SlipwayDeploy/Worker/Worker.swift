import Foundation
package import Logging
package import SlipwayBase
package import SlipwayCore

/// Takes jobs from the queue and runs them, as many at once as the configuration allows.
package actor Worker {
    private struct Running {
        let task: Task<Void, Never>
        let progress: JobProgress
    }

    private let pipeline: Pipeline
    private let history: any History
    private let configuration: Current<Configuration>
    private let logger: Logger
    private var running: [JobID: Running] = [:]
    /// Waits for the last running job to end.
    private var drained: CheckedContinuation<Void, Never>?

    /// - Parameter configuration: read again for each job, which keeps what it began with.
    package init(
        pipeline: Pipeline, history: any History, configuration: Current<Configuration>, logger: Logger
    ) {
        self.pipeline = pipeline
        self.history = history
        self.configuration = configuration
        self.logger = logger
    }

    /// Works until its task is cancelled; then lets the steps under way end within the configured drain time, and leaves
    /// the jobs that have not ended to the next start.
    package func run() async {
        await recover()
        while !Task.isCancelled {
            do {
                if let job = try await claim() {
                    start(job)
                } else {
                    try await stopSuperseded()
                    await pipeline.queue.waitForWork()
                }
            } catch is CancellationError {
                break
            } catch {
                logger.error("The queue cannot be read, trying again in 5s", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: .seconds(5))
            }
        }
        await drain()
    }

    // MARK: Start

    /// Clears away what a stopped server left on this machine, then goes on with its jobs.
    private func recover() async {
        await sweep()
        while !Task.isCancelled {
            do {
                let configuration = configuration.value
                for job in try await pipeline.queue.recover(steps: stepsOf(configuration)) {
                    logger.notice(
                        "A stopped server left this job running",
                        metadata: ["job": "\(job.id)", "now": "\(job.state.rawValue)"])
                    if job.state == .running { start(job) }
                }
                return
            } catch {
                logger.error(
                    "Jobs of a stopped server cannot be looked for, trying again in 5s", metadata: ["error": "\(error)"]
                )
                try? await Task.sleep(for: .seconds(5))
            }
        }
    }

    private func sweep() async {
        try? FileManager.default.removeItem(atPath: pipeline.data + "/work")
        do {
            try await pipeline.docker.sweep(instance: pipeline.instance)
        } catch {
            // No reason not to start: `check` and the first job say it to whoever can mend it.
            let reason = (error as? StepFailure)?.reason ?? "\(error)"
            logger.warning("Docker does not answer", metadata: ["reason": "\(reason)"])
        }
    }

    private func claim() async throws -> Job? {
        let configuration = configuration.value
        return try await pipeline.queue.claim(slots: configuration.server.jobs, steps: stepsOf(configuration))
    }

    /// What the queue lists for a job.
    private func stepsOf(_ configuration: Configuration) -> @Sendable (Plan) -> [Step.Name] {
        { [platforms = pipeline.platforms] in JobCourse.steps(of: $0, in: configuration, on: platforms) }
    }

    private func start(_ job: Job) {
        let progress = JobProgress(passed: job.pointOfNoReturn)
        let configuration = configuration.value
        let task = Task { [pipeline, logger] in
            do {
                let end = try await pipeline.run(job, configuration: configuration, progress: progress)
                await self.insist(on: end, of: job.id, progress)
            } catch {
                try? await uncancelled { try await pipeline.queue.leave(job.id) }
                logger.notice("Left to the next start", metadata: ["job": "\(job.id)"])
            }
            self.ended(job.id)
        }
        running[job.id] = Running(task: task, progress: progress)
    }

    /// A job that has not ended in the database holds its slot and its target, so its end is tried until it is written; a
    /// server that stops leaves it to the next one.
    private func insist(on end: JobEnd, of job: JobID, _ progress: JobProgress) async {
        var isSaid = false
        while true {
            do {
                return try await pipeline.write(end, of: job)
            } catch {
                // It may have been written, and only its answer lost.
                if let known = try? await uncancelled({ [history] in try await history.job(job) }), known.state.hasEnded
                {
                    return
                }
                if !isSaid {
                    logger.error(
                        "The job's end cannot be written, trying again until it is",
                        metadata: ["job": "\(job)", "error": "\(error)"])
                }
                isSaid = true
            }
            guard !progress.isAbandoned else { return }
            // In a task of its own: a job that was cancelled must be able to end too.
            let pause = pipeline.limits.writePause
            try? await uncancelled { try await Task.sleep(for: pause) }
        }
    }

    private func ended(_ job: JobID) {
        running[job] = nil
        guard running.isEmpty else { return }
        drained?.resume()
        drained = nil
    }

    // MARK: Stop

    /// Stops what a newer push has come for, as far as it has not passed the point of no return. Every new job wakes the
    /// worker, and so leads here.
    private func stopSuperseded() async throws {
        let early = running.filter { $0.value.progress.isSupersedable }.map(\.key)
        guard !early.isEmpty else { return }
        for supersession in try await pipeline.queue.supersessions(of: early) {
            // One that has ended meanwhile has ended as something else.
            guard let job = running[supersession.job] else { continue }
            if job.progress.supersede(by: supersession.successor) {
                job.task.cancel()
            } else {
                try await pipeline.queue.letThrough(supersession.job)
            }
        }
    }

    private func drain() async {
        guard !running.isEmpty else { return }
        let limit = configuration.value.server.drain
        for job in running.values where !job.progress.drain() { job.task.cancel() }
        logger.notice(
            "Waiting for running steps", metadata: ["jobs": "\(running.count)", "at most": "\(limit.inWords)"])
        let timer = Task {
            // Not cancelled with the worker: this is what the worker waits for.
            try? await Task.sleep(for: limit)
            if !Task.isCancelled { self.abandon() }
        }
        await withCheckedContinuation { drained = $0 }
        timer.cancel()
    }

    private func abandon() {
        for job in running.values {
            job.progress.abandon()
            job.task.cancel()
        }
    }
}

extension Worker: JobControl {
    package func cancel(_ job: JobID, by: String) async throws -> Cancellation {
        let reason = JobProgress.Stop.cancelled(by: by).reason
        for _ in 0..<50 {
            if let running = running[job] {
                if let step = running.progress.cancel(by: by) { return .passedPointOfNoReturn(step) }
                // It stops even if this cannot be written; but then a stop of the server might let it go on.
                defer { running.task.cancel() }
                try await pipeline.queue.noteCancel(of: job, reason: reason)
                return .accepted
            }
            if try await pipeline.queue.cancelQueued(job, reason: reason) { return .accepted }
            guard let known = try await history.job(job) else { return .unknownJob }
            if known.state.hasEnded { return .hasEnded(known.state) }
            // Claimed between the two looks, or ended between the other two: look again.
            try await Task.sleep(for: .milliseconds(20))
        }
        throw StepFailure("job \(job) is just changing hands; try again")
    }
}

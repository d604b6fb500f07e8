import SlipwayBase
package import SlipwayCore

/// What every job is run with.
package struct Pipeline: Sendable {
    let queue: any JobQueue
    let journal: any Journal
    let releases: any ReleaseStore
    let logs: any LogBook
    let git: Git
    let docker: DockerEngine
    let runner: CommandRunner
    let platform: @Sendable (HerokuSettings) throws -> any ReleasePlatform
    /// The data folder; work trees are under `work/`.
    let data: String
    /// What this server's containers and images are labelled with.
    let instance: String
    let limits: StepLimits
    /// Makes room for a build; what keeps it from starting, in words.
    let shortage: @Sendable () async throws -> String?
    /// Two jobs of one commit build it once: the second finds the first one's image.
    let builds = AsyncLock<String>()

    /// - Parameter platform: where releases go; made anew for each job, since a reload may have changed the key.
    package init(
        queue: any JobQueue, journal: any Journal, releases: any ReleaseStore, logs: any LogBook, git: Git,
        docker: DockerEngine, runner: CommandRunner = CommandRunner(), data: String, instance: String,
        limits: StepLimits = StepLimits(), shortage: @escaping @Sendable () async throws -> String? = { nil },
        platform: @escaping @Sendable (HerokuSettings) throws -> any ReleasePlatform
    ) {
        self.queue = queue
        self.journal = journal
        self.releases = releases
        self.logs = logs
        self.git = git
        self.docker = docker
        self.runner = runner
        self.platform = platform
        self.data = data
        self.instance = instance
        self.limits = limits
        self.shortage = shortage
    }

    /// The steps a plan leads to, in the order they run; none when the configuration no longer knows its target.
    package static func steps(for plan: Plan, in configuration: Configuration) -> [Step.Name] {
        guard let app = configuration.app(named: plan.app) else { return [] }
        guard let name = plan.target else { return [.checkout, .test] }
        guard let target = app.target(named: name) else { return [] }
        if plan.trigger.kind == .rollback { return [.push, .release, .verify] }
        let image: [Step.Name] =
            if target.promote != nil {
                [.push]
            } else if app.test != nil {
                [.checkout, .test, .build, .push]
            } else {
                [.checkout, .build, .push]
            }
        let live: [Step.Name] =
            switch target.migrate?.run {
            case .releasePhase: [.migrate, .release, .verify]
            case .oneOff: [.release, .migrate, .verify]
            case nil: [.release, .verify]
            }
        return image + live
    }

    /// Runs a claimed job to its end and writes it down; returns early only when the task is cancelled by a server
    /// that stops, which leaves the job to the next one's `JobQueue.recover`.
    func run(_ job: Job, configuration: Configuration, progress: JobProgress) async throws {
        let redactor = Redactor(secrets: configuration.secrets + [configuration.heroku.apiKey])
        do {
            let isNew = job.steps.allSatisfy { $0.state == .waiting }
            let earlier = isNew ? [] : try await journal.effects(of: job.id)
            let run = JobRun(self, job, configuration, redactor, progress, earlier: earlier)
            let reason = try await run.run()
            try await finish(job, .succeeded, reason)
        } catch let end as UnwrittenEnd {
            throw end
        } catch is CancellationError {
            guard !progress.isAbandoned else { throw CancellationError() }
            if case .superseded = progress.stop {
                try await uncancelled { try await queue.giveWay(job.id) }
            } else {
                try await finish(job, .cancelled, progress.stop?.reason ?? "cancelled by the server")
            }
        } catch let end as EarlyEnd {
            let reason = redactor.redact(end.reason)
            guard let live = end.successor else { return try await finish(job, .cancelled, reason) }
            try await uncancelled { try await queue.finish(job.id, overtakenBy: live, reason: reason) }
        } catch let failure as JobFailure {
            try await finish(job, .failed, redactor.redact(failure.reason))
        } catch {
            // Between the steps; the store, mostly. A job that is not ended would hold its target until a restart.
            let reason = (error as? StepFailure)?.reason ?? "\(error)".singleLine()
            try await finish(job, .failed, redactor.redact("the job could not go on: \(reason)"))
        }
    }

    private func finish(_ job: Job, _ state: Job.State, _ reason: String?) async throws {
        let queue = queue
        do {
            try await uncancelled { try await queue.finish(job.id, as: state, reason: reason) }
        } catch {
            throw UnwrittenEnd(state: state, reason: reason, cause: error)
        }
    }
}

/// How long a step may take where the configuration has no word on it.
package struct StepLimits: Sendable {
    package var checkout: Duration = .seconds(10 * 60)
    package var push: Duration = .seconds(15 * 60)
    /// Heroku's own limits end it before, with better words: this is the backstop, and must not be what speaks first.
    package var release: Duration = .seconds(30 * 60)
    /// What `migrate` and `verify` get beyond their configured time, which their own code watches.
    package var slack: Duration = .seconds(20 * 60)
    /// For a Docker engine that has stopped to come back: a restart takes seconds, an upgrade a minute or two.
    package var engine: Duration = .seconds(5 * 60)
    /// Between two looks at a disk that is full.
    package var roomPause: Duration = .seconds(15)
    /// Between two tries to write down how a job ended.
    package var endPause: Duration = .seconds(5)
    /// How often a step on it is begun.
    package var engineTries = 4

    package init() {}
}

/// Why a job failed: the step and its reason.
struct JobFailure: Error {
    var reason: String
}

/// How a job ended, and why that could not be written down.
struct UnwrittenEnd: Error {
    var state: Job.State
    var reason: String?
    var cause: any Error
}

/// Runs what must be done even though the task has been cancelled: a database write in a cancelled task is lost.
func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await Task { try await body() }.value
}

package import Logging
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
    let platforms: Platforms
    /// The data folder; work trees are under `work/`.
    let data: String
    /// What this server's containers and images are labelled with.
    let instance: String
    let limits: StepLimits
    let patience: Patience
    let logger: Logger
    /// Makes room for a build or a test; what keeps it from starting, in words.
    let shortage: @Sendable () async throws -> String?
    /// Two jobs of one commit build it once: the second finds the first one's image.
    let builds = AsyncLock<String>()
    let releasing = AsyncLock<Place>()

    /// - Parameter logger: takes one line when what a job does cannot be written down, and at the level debug what the
    ///   platforms tell of their calls.
    package init(
        queue: any JobQueue, journal: any Journal, releases: any ReleaseStore, logs: any LogBook, git: Git,
        docker: DockerEngine, runner: CommandRunner = CommandRunner(), platforms: Platforms, data: String,
        instance: String,
        limits: StepLimits = StepLimits(), shortage: @escaping @Sendable () async throws -> String? = { nil },
        logger: Logger = Logger(label: "slipway") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.queue = queue
        patience = Patience(pause: limits.writePause, limit: limits.writePatience, logger: logger)
        self.logger = logger
        self.journal = PatientJournal(journal: journal, patience: patience)
        self.releases = releases
        self.logs = logs
        self.git = git
        self.docker = docker
        self.runner = runner
        self.platforms = platforms
        self.data = data
        self.instance = instance
        self.limits = limits
        self.shortage = shortage
    }

    /// Runs a claimed job to its end, which is `write`'s to write down.
    /// - Throws: `CancellationError` only, when the server stops, which leaves the job to the next one's
    ///   `JobQueue.recover`.
    func run(_ job: Job, configuration: Configuration, progress: JobProgress) async throws -> JobEnd {
        let redactor = Redactor(
            secrets: configuration.secrets + configuration.platforms.values.flatMap(\.secrets))
        do {
            let isNew = job.steps.allSatisfy { $0.state == .waiting }
            let earlier = isNew ? [] : try await journal.entries(of: job.id)
            let run = try JobRun(self, job, configuration, redactor, progress, earlier: earlier)
            return .ended(.succeeded, reason: try await run.run())
        } catch is CancellationError {
            guard !progress.isAbandoned else { throw CancellationError() }
            if case .superseded = progress.stop { return .gaveWay }
            return .ended(.cancelled, reason: progress.stop?.reason ?? "cancelled by the server")
        } catch let end as EarlyEnd {
            let reason = redactor.redact(end.reason)
            return end.successor.map { .overtaken(by: $0, reason: reason) } ?? .ended(.cancelled, reason: reason)
        } catch let failure as JobFailure {
            return .ended(.failed, reason: redactor.redact(failure.reason))
        } catch {
            // Between the steps; the store, mostly. A job that is not ended would hold its target until a restart.
            let reason = (error as? StepFailure)?.reason ?? "\(error)".singleLine()
            return .ended(.failed, reason: redactor.redact("the job could not go on: \(reason)"))
        }
    }

    func write(_ end: JobEnd, of job: JobID) async throws {
        let queue = queue
        try await uncancelled {
            switch end {
            case .ended(let state, let reason): try await queue.finish(job, as: state, reason: reason)
            case .gaveWay: try await queue.giveWay(job)
            case .overtaken(let live, let reason):
                try await queue.finish(job, overtakenBy: live, reason: reason)
            }
        }
    }
}

/// How a job ended, before it is written down.
enum JobEnd: Sendable {
    case ended(Job.State, reason: String?)
    /// To a newer push.
    case gaveWay
    /// By the job that has deployed what is at least as new.
    case overtaken(by: JobID, reason: String)
}

/// How long a step may take where the configuration has no word on it.
package struct StepLimits: Sendable {
    package var checkout: Duration = .seconds(10 * 60)
    package var push: Duration = .seconds(15 * 60)
    package var release: Duration = .seconds(30 * 60)
    /// What `migrate` and `verify` get beyond their configured time, which their own code watches.
    package var slack: Duration = .seconds(20 * 60)
    /// For a Docker engine that has stopped to come back: a restart takes seconds, an upgrade a minute or two.
    package var engine: Duration = .seconds(5 * 60)
    /// Between two looks at a disk that is full.
    package var roomPause: Duration = .seconds(15)
    /// Between two tries to write down what a job does, or how it ended.
    package var writePause: Duration = .seconds(5)
    /// How long that is tried before a step fails for it.
    package var writePatience: Duration = .seconds(15 * 60)
    /// Between two looks at a target that is locked.
    package var lockPause: Duration = .seconds(1)
    /// How often a step on it is begun.
    package var engineTries = 4

    package init() {}
}

/// Why a job failed: the step and its reason.
struct JobFailure: Error {
    var reason: String
}

/// Runs what must be done even though the task has been cancelled: a database write in a cancelled task is lost.
func uncancelled<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
    try await Task { try await body() }.value
}

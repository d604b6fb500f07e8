/// The queue as its worker sees it.
package protocol JobQueue: Sendable {
    /// Takes the first queued job that may run and marks it running, in one statement; nil when none may.
    ///
    /// First is: highest `Priority`, then oldest. A target runs one job at a time. At most `slots` jobs run in all,
    /// and at most `slots - 1` that only test. No job of a locked target may run, and of a paused one or of a paused
    /// queue only those of at least `Priority.manual`.
    /// - Parameter steps: the steps the claimed job will have, made in the same transaction.
    func claim(slots: Int, steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> Job?

    /// What a checkout found out about a job's commit (a tag's or release's id, the message).
    func resolve(_ job: JobID, to commit: Commit) async throws
    func update(_ step: Step, of job: JobID) async throws
    /// Ends a job. Steps still waiting become `skipped`, or `cancelled` with a cancelled job. The target of a rollback
    /// that succeeded is paused from this moment on.
    func finish(_ job: JobID, as state: Job.State, reason: String?) async throws
    /// Ends a job that has not started; false when it is no longer queued.
    func cancelQueued(_ job: JobID, reason: String) async throws -> Bool

    /// Called once at start: jobs that a stopped server left running. Those in which no effect is open whose
    /// outcome matters are queued again; the others fail, with what to check.
    func recover() async throws -> [Job]

    /// Ends when the queue may have something to claim; a new call waits for the next change.
    func waitForWork() async
}

/// What was done to the world, written before it is done and again after: what a restart asks about.
package protocol Journal: Sendable {
    /// - Parameters:
    ///   - kind: a verb and its object: `push image`, `release formation`, `run dyno`.
    ///   - nonce: what marks the effect in the world (a container label, an image label, part of a command).
    ///   - intent: what is about to be done, enough to recognise it: an image digest, a release version before.
    func begin(_ kind: String, of job: JobID, step: Step.Name, nonce: String, intent: String) async throws -> EffectID
    /// - Parameter outcome: what the world answered.
    func end(_ effect: EffectID, outcome: String) async throws
}

package typealias EffectID = Int64

/// What was built, and what is live where.
package protocol ReleaseStore: Sendable {
    /// - Parameter recipe: a digest of everything besides the commit that decides what is built.
    func image(app: String, commit: CommitID, recipe: String) async throws -> String?
    func record(image: String, app: String, commit: CommitID, recipe: String, job: JobID) async throws
    func record(_ release: Release) async throws
    /// The latest good release at a target.
    func live(app: String, target: String) async throws -> Release?
    func release(by job: JobID, app: String, target: String) async throws -> Release?
    /// How often this image failed to be released here since it last succeeded; Heroku ignores a repeated attempt
    /// with the same images.
    func failedReleases(of image: String, app: String, target: String) async throws -> Int
    func recordFailedRelease(of image: String, app: String, target: String, job: JobID) async throws
    /// The image whose migration was the last to end well at a target, whatever became of its release after that.
    func migratedImage(app: String, target: String) async throws -> String?
    func recordMigration(of image: String, app: String, target: String, job: JobID) async throws
}

/// The queue as its worker sees it.
///
/// A call is one transaction. When it throws, nothing of it is stored; only where the connection to a database breaks at
/// the commit itself nobody knows, so whoever tries again looks first (`History.job`). It throws `QueueError` where the rules
/// refuse, and else what the database says, such as a full disk. Writes are stored even if the task that asks is cancelled;
/// a store may still throw `CancellationError` then, so what must be stored is asked for in a task of its own.
///
/// All of it holds between any number of processes but for one thing: `waitForWork` hears only of changes that were made
/// through this value. A store that several processes share must tell them of each other's, or its workers must look
/// again by the clock.
package protocol JobQueue: Sendable {
    /// Takes the first queued job that may run and marks it running, in one statement; nil when none may.
    ///
    /// First is: highest `Priority`, then oldest. A target runs one job at a time. At most `slots` jobs run in all, and at
    /// most `slots - 1` that only test, where that is not none; one that waits for a lock to go does not count. No job of a
    /// locked target may start, and of a paused one or of a paused queue only those of at least `Priority.manual`.
    /// - Parameter steps: the steps the claimed job will have, made in the same transaction.
    func claim(slots: Int, steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> Job?

    /// What locks a target now.
    func lock(app: String, target: String) async throws -> TargetLock?
    /// What a running job waits for, in words; nil: nothing.
    func explain(_ job: JobID, _ reason: String?) async throws

    /// What a checkout found out about a job's commit (a tag's or release's id, the message).
    func resolve(_ job: JobID, to commit: Commit) async throws
    /// Moves a job that follows its branch to the branch's tip. A queued push job of the same target and ref with that
    /// commit, which has taken no other's place, is superseded by it, because its commit is being deployed.
    /// - Parameter joins: how many other deliveries were known to have joined the job before the tip was asked for.
    /// - Returns: nil when done. Else nothing was changed, and this many had joined: they came with the commit that is
    ///   to be left, maybe after the tip was seen, so it must be asked for again.
    func follow(_ job: JobID, to tip: Commit, joins: Int) async throws -> Int?
    /// The repository does not show what a delivery said of a job's ref. So that was not seen there, and a catch-up
    /// deploys it should it appear.
    func forgetTip(of job: JobID) async throws
    func update(_ step: Step, of job: JobID) async throws
    /// Ends a running job. Steps still waiting become `skipped`, or `cancelled` with a cancelled or superseded job. The target of
    /// a rollback that succeeded is paused from this moment on.
    /// - Throws: `QueueError.unknownJob`, `notRunning`, or `noWay` for a state that does not end a running job.
    func finish(_ job: JobID, as state: Job.State, reason: String?) async throws
    /// Ends a running job as superseded by the one that has deployed what is at least as new.
    func finish(_ job: JobID, overtakenBy live: JobID, reason: String) async throws
    /// Ends a running job that `supersessions` named, as superseded by the newest push job of its target and ref.
    func giveWay(_ job: JobID) async throws
    /// Ends a job that has not started; false when it is no longer queued, or was never there.
    func cancelQueued(_ job: JobID, reason: String) async throws -> Bool
    /// A running job was told to stop: it ends as cancelled, even if the server stops before its worker has ended it.
    func noteCancel(of job: JobID, reason: String) async throws
    /// A server that stops in good order leaves a running job to the next one; the job is not to blame for the stop.
    func leave(_ job: JobID) async throws

    /// Those of these running jobs that are to give way to a newer push job of the same target and ref, as far as the
    /// queue knows; whether they still can is theirs to say. From now on nothing joins them, until `giveWay` ends them
    /// or `letThrough` takes it back.
    func supersessions(of jobs: [JobID]) async throws -> [Supersession]
    /// A job that `supersessions` named goes on after all.
    func letThrough(_ job: JobID) async throws

    /// Called once at start, with what a stopped server left running. A job goes on, still `running`, from the first of
    /// its steps that has not ended; `running` is also a step in which the server stopped.
    ///
    /// It ends instead where a step of it had failed, where the server stopped in the same step again and again, and where
    /// nothing has gone live yet and a newer push waits.
    /// - Parameter steps: as in `claim`; steps that are no longer among them are forgotten.
    /// - Returns: all of them.
    func recover(steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> [Job]

    /// Within this process: ends when the queue may have something to claim; a new call waits for the next change.
    func waitForWork() async
}

/// What was built, and what is live where.
///
/// A call is one transaction, and what throws has stored nothing. None of them asks whether its job is on record, because
/// what is live outlives the jobs that deployed it.
package protocol ReleaseStore: Sendable {
    /// - Parameter recipe: a digest of everything besides the commit that decides what is built.
    func image(app: String, commit: CommitID, recipe: String) async throws -> String?
    func record(image: String, app: String, commit: CommitID, recipe: String, job: JobID) async throws
    /// Again by the same job: nothing happens.
    func record(_ release: Release) async throws
    /// The latest good release at a target.
    func live(app: String, target: String) async throws -> Release?
    func release(by job: JobID, app: String, target: String) async throws -> Release?
    /// The ref that a job deployed; nil when the job is no longer on record.
    func ref(of job: JobID) async throws -> String?
    /// The job that deployed a commit to a target where it surely still is live, because no other job has begun a
    /// release there since.
    func jobThatDeployed(_ commit: CommitID, app: String, target: String) async throws -> JobID?
    /// How often this image failed to be released here since it last succeeded: a platform may ignore a
    /// repeated attempt with the same images.
    func failedReleases(of image: String, app: String, target: String) async throws -> Int
    func recordFailedRelease(of image: String, app: String, target: String, job: JobID) async throws
    /// Whether a migration was the last to end well at a target before a job's own, whatever became of its release after
    /// that. Built again, a commit is another image: it is the same migration where either is the same.
    func isMigrated(_ migrated: Migrated, app: String, target: String, before job: JobID) async throws -> Bool
    func record(_ migrated: Migrated, app: String, target: String, job: JobID) async throws
}

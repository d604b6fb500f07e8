import SlipwayBase

/// The rows of one transaction: all that a database must know for the queue to be kept in it. What they come to is decided
/// by `QueueTransaction`.
///
/// All calls are made in one transaction, see what was written in it before, and nobody else writes in between: SQLite has
/// one writer, another database needs the isolation level `serializable` or a lock. They run on the connection's own
/// queue or thread, which they may block. Each throws when the database does, and the transaction is rolled back then.
package protocol QueueRows {
    // MARK: Jobs

    func job(_ id: JobID) throws -> JobRow?
    /// As everybody sees it: with its steps and, of a queued one, why it waits.
    func wholeJob(_ id: JobID) throws -> Job?
    /// In the order of the ids.
    func runningJobs() throws -> [JobID]
    /// The newest job of a lane that has not ended.
    func newestActive(in lane: Lane) throws -> JobRow?
    /// The queued jobs of a lane whose place a newer one takes, the oldest first.
    func waitingPushes(in lane: Lane) throws -> [JobRow]
    /// Those of these jobs that are on record, each with the newest job of its lane that is newer, has not ended and may
    /// take its place.
    func rivals(of jobs: [JobID]) throws -> [(job: JobRow, rival: JobID?)]
    /// How many deliveries have joined a job.
    func joins(of job: JobID) throws -> Int

    /// - Parameter row: its id counts for nothing.
    /// - Returns: the job's id, greater than that of any job before.
    func insert(_ row: JobRow) throws -> JobID
    /// Of a job that is on record.
    func write(_ column: JobColumn, of job: JobID) throws
    /// - Returns: whether the job was in the state that it is to leave.
    func move(_ transition: Transition) throws -> Bool

    // MARK: Steps

    /// In the order in which they run.
    func steps(of job: JobID) throws -> [Step]
    /// In the place of those that the job has.
    func replaceSteps(of job: JobID, by steps: [Step]) throws
    /// - Returns: whether the job has a step of that name.
    func write(_ step: Step, of job: JobID) throws -> Bool

    // MARK: What is live, and what holds jobs back

    /// The one that was recorded last.
    func newestRelease(app: String, target: String) throws -> ReleaseRow?
    /// The newest whose image is another than a given one.
    func newestRelease(app: String, target: String, otherThan image: String) throws -> ReleaseRow?
    /// How far each effect of a kind came that a job began.
    func states(of kind: Effect.Kind, by job: JobID) throws -> [Effect.State]
    /// Marks the newest release, if there is one.
    func doubtNewestRelease(app: String, target: String, after job: JobID) throws
    /// In the place of an earlier pause.
    func pause(app: String, target: String, _ pause: Pause) throws
    /// Forgets that a branch or tag was seen at a commit; where it was seen elsewhere since, that stays.
    func forget(_ tip: Tip, app: String) throws
}

/// What changes of a job while it keeps its state.
package enum JobColumn: Sendable {
    case wish(Priority, isSupersedable: Bool)
    case supersessions(Int)
    case successor(JobID?)
    case commit(Commit)
    case attempt(Int)
    case reason(String?)
}

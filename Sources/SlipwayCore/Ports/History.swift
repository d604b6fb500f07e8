/// The past and present as the window shows them; everything here only reads.
///
/// Each call sees one moment, which is no earlier than the last write that this process was told is stored. Two calls may
/// see two moments. Each throws what the database says, and `CancellationError` in a cancelled task.
package protocol History: Sendable {
    /// Within this process: another number whenever something was written, so what was answered at the same number is still
    /// true. Another process's writes do not change it: a store that is shared must count them, too.
    var revision: UInt64 { get }

    func job(_ id: JobID) async throws -> Job?
    /// In the order of the numbers; those that are gone are left out.
    func jobs(numbered ids: [JobID]) async throws -> [Job]
    /// Newest first.
    func jobs(_ filter: JobFilter) async throws -> [Job]
    func queue() async throws -> QueueSummary
    /// How many jobs are on record in each state; states without any may be missing.
    func jobCounts() async throws -> [Job.State: Int]
    /// What keeps queued jobs from starting; a queued job that is read here has why it waits as its reason.
    func holds() async throws -> Holds
    func live(app: String, target: String) async throws -> Release?
    /// What a rollback deploys: the last good release at a target whose image is another than the live one's; or that
    /// itself, where something that came to no good end was released since.
    func previousRelease(app: String, target: String) async throws -> Release?
    func release(by job: JobID, app: String, target: String) async throws -> Release?
    func latestJob(app: String, target: String) async throws -> JobID?
}

package struct JobFilter: Sendable {
    package var app: String?
    package var target: String?
    package var states: Set<Job.State>?
    /// Only jobs with a smaller id.
    package var before: JobID?
    package var limit: Int

    package init(
        app: String? = nil, target: String? = nil, states: Set<Job.State>? = nil, before: JobID? = nil,
        limit: Int = 50
    ) {
        self.app = app
        self.target = target
        self.states = states
        self.before = before
        self.limit = limit
    }
}

package struct QueueSummary: Sendable {
    package var running: [JobID]
    /// The first hundred, in the order in which they will be claimed.
    package var queued: [JobID]
    package var queuedCount: Int
    package var paused: Pause?

    package init(running: [JobID], queued: [JobID], queuedCount: Int, paused: Pause? = nil) {
        self.paused = paused
        self.running = running
        self.queued = queued
        self.queuedCount = queuedCount
    }
}

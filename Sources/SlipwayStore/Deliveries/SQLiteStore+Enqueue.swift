import GRDB
import SlipwayBase
import SlipwayCore

/// How a plan becomes a job, inside the transaction of its delivery.
extension SQLiteStore {
    func enqueue(
        _ plan: Plan, at time: Timestamp, _ db: Database, _ changes: inout Changes
    ) throws -> (job: Job, isNew: Bool) {
        let newest = try newestActive(plan, db)
        let isSupersedable = plan.isSupersedable
        if let newest {
            if joins(plan, newest) { return (try join(plan, newest["id"], db, &changes), false) }
        } else if let live = try liveJob(plan, db) {
            return (live, false)
        }
        let trigger = plan.trigger
        try db.run(
            """
            INSERT INTO jobs
                (app, target, trigger_kind, ref, delivery, triggered_by, commit_id, commit_message, commit_author,
                 fresh, state, priority, supersedable, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?)
            """,
            [
                plan.app, plan.target, trigger.kind.rawValue, trigger.ref, trigger.delivery, trigger.by,
                plan.commit.id?.description, plan.commit.message, plan.commit.author, plan.fresh,
                Priority(plan).rawValue, isSupersedable, time.milliseconds,
            ])
        let id = db.lastInsertedRowID
        changes.job(id)
        changes.bringsWork = true
        if isSupersedable, newest != nil { try supersede(olderThan: id, plan, at: time, db, &changes) }
        return (Job(id: id, plan: plan, state: .queued, createdAt: time), true)
    }

    /// The newest job of a plan's target and ref that has not ended.
    private func newestActive(_ plan: Plan, _ db: Database) throws -> Row? {
        try db.row(
            """
            SELECT id, commit_id, state, fresh, priority, successor FROM jobs INDEXED BY jobs_active
            WHERE app = ? AND target IS ? AND ref = ? AND state IN ('queued', 'running')
            ORDER BY id DESC LIMIT 1
            """,
            [plan.app, plan.target, plan.trigger.ref])
    }

    /// The job of the plan's ref that has brought its commit live, where it still is.
    ///
    /// What a person asks for is asked for anew.
    private func liveJob(_ plan: Plan, _ db: Database) throws -> Job? {
        guard plan.isAutomatic, !plan.fresh, let target = plan.target, let commit = plan.commit.id else { return nil }
        guard let id = try Self.bringer(of: commit, app: plan.app, target: target, db),
            let job = try Job.fetch([id], db).first, job.state == .succeeded, job.plan.trigger.ref == plan.trigger.ref
        else { return nil }
        return job
    }

    /// Whether the newest job of its ref already brings what the plan wants.
    ///
    /// Only the newest: a branch that went from one commit to another and back would else end at the other, whose job
    /// is still to come.
    ///
    /// A queued job without a commit (a release names only a tag) will look its ref up when it starts, so it brings this
    /// plan's commit or a newer one. A plan without one joins no other: a tag may have moved since that one was looked up.
    /// A plan that must reuse nothing joins only a job that reuses nothing.
    ///
    /// Nothing joins a running job that is about to give way, and what a person asks for no running one that still may.
    private func joins(_ plan: Plan, _ newest: Row) -> Bool {
        if newest["state"] == Job.State.running.rawValue {
            guard newest["successor"] == nil else { return false }
            guard plan.isAutomatic || newest["priority"] >= Priority.manual.rawValue else { return false }
        }
        let commit: String? = newest["commit_id"]
        let isSame = commit.map { $0 == plan.commit.id?.description } ?? (newest["state"] == Job.State.queued.rawValue)
        return isSame && (newest["fresh"] || !plan.fresh)
    }

    private func join(_ plan: Plan, _ id: JobID, _ db: Database, _ changes: inout Changes) throws -> Job {
        // What a person asked for must not wait behind tests or give way to the next push, only because a push had
        // asked for it before.
        try db.run(
            """
            UPDATE jobs SET priority = max(priority, ?), supersedable = min(supersedable, ?)
            WHERE id = ? AND state = 'queued'
            """,
            [Priority(plan).rawValue, plan.isSupersedable, id])
        changes.job(id)
        // A pause holds a push back and not what a person asks for.
        changes.bringsWork = true
        return try Job.fetch(id, db)
    }
}

import GRDB
import SlipwayBase
import SlipwayCore

/// How a plan becomes a job, inside the transaction of its delivery.
extension SQLiteStore {
    func enqueue(
        _ plan: Plan, at time: Timestamp, _ db: Database, _ changes: inout Changes
    ) throws -> (job: Job, isNew: Bool) {
        if let job = try join(plan, db, &changes) { return (try Job.fetch(job, db), false) }
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
                Priority(plan).rawValue, plan.isSupersedable, time.milliseconds,
            ])
        let id = db.lastInsertedRowID
        changes.job(id)
        changes.bringsWork = true
        if plan.isSupersedable { try supersede(olderThan: id, plan, at: time, db, &changes) }
        return (Job(id: id, plan: plan, state: .queued, createdAt: time), true)
    }

    /// The job that already brings this commit where the plan wants it.
    ///
    /// Only the newest of the ref: a branch that went from one commit to another and back would else end at the other,
    /// whose job is still to come.
    ///
    /// A plan without a commit (a release names only a tag) joins any job of its ref; a queued job without one will
    /// look the ref up when it starts, so it brings this plan's commit or a newer one. A plan that must reuse nothing
    /// joins only a job that reuses nothing.
    private func join(_ plan: Plan, _ db: Database, _ changes: inout Changes) throws -> JobID? {
        let row = try db.row(
            """
            SELECT id FROM (
                SELECT id, commit_id, state, fresh FROM jobs INDEXED BY jobs_active
                WHERE app = :app AND target IS :target AND ref = :ref AND state IN ('queued', 'running')
                ORDER BY id DESC LIMIT 1)
            WHERE (:commit IS NULL OR commit_id = :commit OR (commit_id IS NULL AND state = 'queued'))
                AND fresh >= :fresh
            """,
            [
                "app": plan.app, "target": plan.target, "ref": plan.trigger.ref,
                "commit": plan.commit.id?.description, "fresh": plan.fresh,
            ])
        guard let row else { return nil }
        let id: JobID = row["id"]
        // What a person asked for must not wait behind tests or give way to the next push, only because a push had
        // asked for it before.
        try db.run(
            """
            UPDATE jobs SET priority = max(priority, ?), supersedable = min(supersedable, ?)
            WHERE id = ? AND state = 'queued'
            """,
            [Priority(plan).rawValue, plan.isSupersedable, id])
        changes.job(id)
        return id
    }

    /// The queued push jobs of the same target and ref give way to a newer one.
    func supersede(
        olderThan successor: JobID, _ plan: Plan, at time: Timestamp, _ db: Database, _ changes: inout Changes
    ) throws {
        let what = plan.commit.id.map { "\(plan.trigger.ref.singleLine(limit: 200)) moved on to \($0.short)" }
        let reason = "\(what ?? "\(plan.trigger.ref.singleLine(limit: 200)) moved on"), which job \(successor) brings"
        let rows = try db.rows(
            """
            UPDATE jobs INDEXED BY jobs_active SET state = 'superseded', successor = :successor, reason = :reason, finished_at = :time
            WHERE app = :app AND target IS :target AND ref = :ref AND state IN ('queued', 'running')
                AND state = 'queued' AND supersedable AND id < :successor
            RETURNING id
            """,
            [
                "successor": successor, "reason": reason, "time": time.milliseconds, "app": plan.app,
                "target": plan.target, "ref": plan.trigger.ref,
            ])
        for row in rows { changes.job(row["id"]) }
    }
}

import Foundation
import GRDB
import SlipwayBase
import SlipwayCore

/// The queue's rows in a transaction of SQLite.
struct SQLiteRows: QueueRows {
    let db: Database

    /// Columns of a `JobRow`.
    private static let columns = """
        id, app, target, trigger_kind, ref, delivery, triggered_by, commit_id, commit_message, commit_author, fresh, state,
        reason, priority, supersedable, supersessions, attempt, cancel_reason, successor, created_at, started_at, finished_at
        """

    // MARK: Jobs

    func job(_ id: JobID) throws -> JobRow? {
        try db.row("SELECT \(Self.columns) FROM jobs WHERE id = ?", [id]).map(JobRow.init(row:))
    }

    func wholeJob(_ id: JobID) throws -> Job? { try Job.fetch([id], db).first }

    func runningJobs() throws -> [JobID] {
        try db.rows("SELECT id FROM jobs INDEXED BY jobs_running WHERE state = 'running' ORDER BY id").map { $0[0] }
    }

    func newestActive(in lane: Lane) throws -> JobRow? {
        try db.row(
            """
            SELECT \(Self.columns) FROM jobs INDEXED BY jobs_active
            WHERE app = ? AND target IS ? AND ref = ? AND state IN ('queued', 'running')
            ORDER BY id DESC LIMIT 1
            """, [lane.app, lane.target, lane.ref]
        ).map(JobRow.init(row:))
    }

    func waitingPushes(in lane: Lane) throws -> [JobRow] {
        try db.rows(
            """
            SELECT \(Self.columns) FROM jobs INDEXED BY jobs_active
            WHERE app = ? AND target IS ? AND ref = ? AND state IN ('queued', 'running')
                AND state = 'queued' AND supersedable
            ORDER BY id
            """, [lane.app, lane.target, lane.ref]
        ).map(JobRow.init(row:))
    }

    func rivals(of jobs: [JobID]) throws -> [(job: JobRow, rival: JobID?)] {
        try db.rows(
            """
            SELECT \(Self.columns), (
                SELECT max(id) FROM jobs AS newer INDEXED BY jobs_active
                WHERE newer.app = older.app AND newer.target IS older.target AND newer.ref = older.ref
                    AND newer.state IN ('queued', 'running') AND newer.supersedable AND newer.id > older.id
            ) AS rival
            FROM jobs AS older WHERE id IN (SELECT value FROM json_each(?))
            """, [Job.list(jobs)]
        ).map { (try JobRow(row: $0), $0["rival"]) }
    }

    func joins(of job: JobID) throws -> Int {
        try db.row("SELECT count(*) FROM delivery_jobs WHERE job = ? AND joined", [job])?[0] ?? 0
    }

    func insert(_ row: JobRow) throws -> JobID {
        let (plan, trigger) = (row.job.plan, row.job.plan.trigger)
        try db.run(
            """
            INSERT INTO jobs
                (app, target, trigger_kind, ref, delivery, triggered_by, commit_id, commit_message, commit_author,
                 fresh, state, priority, supersedable, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                plan.app, plan.target, trigger.kind.rawValue, trigger.ref, trigger.delivery, trigger.by,
                plan.commit.id?.description, plan.commit.message, plan.commit.author, plan.fresh,
                row.job.state.rawValue, row.priority.rawValue, row.isSupersedable, row.job.createdAt.milliseconds,
            ])
        return db.lastInsertedRowID
    }

    func write(_ column: JobColumn, of job: JobID) throws {
        switch column {
        case .wish(let priority, let isSupersedable):
            try db.run(
                "UPDATE jobs SET priority = ?, supersedable = ? WHERE id = ?", [priority.rawValue, isSupersedable, job])
        case .supersessions(let count): try db.run("UPDATE jobs SET supersessions = ? WHERE id = ?", [count, job])
        case .successor(let other): try db.run("UPDATE jobs SET successor = ? WHERE id = ?", [other, job])
        case .commit(let commit):
            try db.run(
                "UPDATE jobs SET commit_id = ?, commit_message = ?, commit_author = ? WHERE id = ?",
                [commit.id?.description, commit.message, commit.author, job])
        case .attempt(let number): try db.run("UPDATE jobs SET attempt = ? WHERE id = ?", [number, job])
        case .reason(let reason): try db.run("UPDATE jobs SET reason = ? WHERE id = ?", [reason, job])
        }
    }

    func move(_ transition: Transition) throws -> Bool {
        let time = transition.time.milliseconds
        try db.run(
            """
            UPDATE jobs SET state = :to, reason = :reason, successor = :successor,
                started_at = iif(:starts, :time, started_at), finished_at = iif(:ends, :time, finished_at)
            WHERE id = :job AND state = :from
            """,
            [
                "to": transition.to.rawValue, "reason": transition.reason, "successor": transition.successor,
                "starts": transition.to == .running, "ends": transition.to.hasEnded, "time": time,
                "job": transition.job, "from": transition.from.rawValue,
            ])
        return db.changesCount == 1
    }

    // MARK: Steps

    func steps(of job: JobID) throws -> [Step] {
        try db.rows("SELECT * FROM steps WHERE job = ? ORDER BY position", [job]).map(Step.init(row:))
    }

    func replaceSteps(of job: JobID, by steps: [Step]) throws {
        try db.run("DELETE FROM steps WHERE job = ?", [job])
        try insert(steps, of: job)
    }

    /// Of a job that has none.
    func insert(_ steps: [Step], of job: JobID) throws {
        for (position, step) in steps.enumerated() {
            try db.run(
                """
                INSERT INTO steps (job, position, name, state, reason, started_at, finished_at, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    job, position, step.name.rawValue, step.state.rawValue, step.reason, step.startedAt?.milliseconds,
                    step.finishedAt?.milliseconds, step.storedDetail,
                ])
        }
    }

    func write(_ step: Step, of job: JobID) throws -> Bool {
        try db.run(
            """
            UPDATE steps SET state = ?, reason = ?, started_at = ?, finished_at = ?, detail = ?
            WHERE job = ? AND name = ?
            """,
            [
                step.state.rawValue, step.reason, step.startedAt?.milliseconds, step.finishedAt?.milliseconds,
                step.storedDetail, job, step.name.rawValue,
            ])
        return db.changesCount == 1
    }

    // MARK: What is live, and what holds jobs back

    func newestRelease(app: String, target: String) throws -> ReleaseRow? {
        // By order of recording, not by version: an app that was made again on its platform counts from 1.
        try db.row(
            "SELECT * FROM releases WHERE app = ? AND target = ? ORDER BY id DESC LIMIT 1", [app, target]
        ).map { ReleaseRow(release: try Release(row: $0), doubtedBy: $0["doubted_by"]) }
    }

    func newestRelease(app: String, target: String, otherThan image: String) throws -> ReleaseRow? {
        try db.row(
            "SELECT * FROM releases WHERE app = ? AND target = ? AND image <> ? ORDER BY id DESC LIMIT 1",
            [app, target, image]
        ).map { ReleaseRow(release: try Release(row: $0), doubtedBy: $0["doubted_by"]) }
    }

    func doubtNewestRelease(app: String, target: String, after job: JobID) throws {
        try db.run(
            """
            UPDATE releases SET doubted_by = ?
            WHERE id = (SELECT id FROM releases WHERE app = ? AND target = ? ORDER BY id DESC LIMIT 1)
            """, [job, app, target])
    }

    func states(of kind: Effect.Kind, by job: JobID) throws -> [Effect.State] {
        try db.rows("SELECT state FROM effects WHERE job = ? AND kind = ?", [job, kind.rawValue])
            .map { try $0.word("state", of: "effects") }
    }

    func pause(app: String, target: String, _ pause: Pause) throws {
        try db.run(
            "INSERT OR REPLACE INTO target_pauses (app, target, paused_by, rollback, since) VALUES (?, ?, ?, ?, ?)",
            [app, target, pause.by, pause.rollback, pause.since.milliseconds])
    }

    func forget(_ tip: Tip, app: String) throws {
        try db.run(
            "DELETE FROM tips WHERE app = ? AND ref = ? AND commit_id = ?",
            [app, tip.ref.description, tip.commit.description])
    }
}

extension JobRow {
    init(row: Row) throws {
        let text: Int = row["priority"]
        guard let priority = Priority(rawValue: text) else {
            throw StoreError.unreadable(table: "jobs", column: "priority", value: "\(text)")
        }
        self.init(
            job: try Job(row: row), priority: priority, isSupersedable: row["supersedable"],
            supersessions: row["supersessions"], attempt: row["attempt"], cancelReason: row["cancel_reason"])
    }
}

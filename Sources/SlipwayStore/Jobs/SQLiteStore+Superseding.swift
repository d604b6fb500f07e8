import GRDB
import SlipwayBase
package import SlipwayCore

/// How a newer push takes the place of an older one; the rules are `Superseding`'s.
extension SQLiteStore {
    /// The queued push jobs of the same target and ref give way to a newer one.
    func supersede(
        olderThan successor: JobID, _ plan: Plan, at time: Timestamp, _ db: Database, _ changes: inout Changes
    ) throws {
        let rows = try db.rows(
            """
            UPDATE jobs INDEXED BY jobs_active SET state = 'superseded', successor = :successor, reason = :reason, finished_at = :time
            WHERE app = :app AND target IS :target AND ref = :ref AND state IN ('queued', 'running')
                AND state = 'queued' AND supersedable AND id < :successor
            RETURNING \(JobLine.endedColumns), supersessions
            """,
            [
                "successor": successor, "reason": Self.reason(plan, successor), "time": time.milliseconds,
                "app": plan.app, "target": plan.target, "ref": plan.trigger.ref,
            ])
        try ended(rows, &changes)
        try tookPlace(of: rows, successor, db, &changes)
    }

    private func ended(_ rows: [Row], _ changes: inout Changes) throws {
        changes.lines += try rows.map(JobLine.init(ended:))
    }

    /// - Parameter rows: id and supersessions of those that have given way.
    private func tookPlace(of rows: [Row], _ successor: JobID, _ db: Database, _ changes: inout Changes) throws {
        guard !rows.isEmpty else { return }
        let before: Int = try db.row("SELECT supersessions FROM jobs WHERE id = ?", [successor])?[0] ?? 0
        let count = rows.reduce(before) { Superseding.count($0, takingPlaceOf: $1["supersessions"]) }
        try db.run("UPDATE jobs SET supersessions = ? WHERE id = ?", [count, successor])
        for row in rows { changes.job(row["id"]) }
    }

    private static func reason(_ plan: Plan, _ successor: JobID) -> String {
        let ref = plan.trigger.ref.singleLine(limit: 200)
        let what = plan.commit.id.map { "\(ref) moved on to \($0.short)" } ?? "\(ref) moved on"
        return "\(what), which job \(successor) brings"
    }
}

// MARK: - Running jobs

extension SQLiteStore {
    package func supersessions(of jobs: [JobID]) async throws -> [Supersession] {
        // Nearly always there is none, and a look without a transaction of the writer's is enough to know it.
        guard try await !read({ db in try Self.supersessions(of: jobs, db) }).isEmpty else { return [] }
        return try await write("note successor") { db, changes in
            let found = try Self.supersessions(of: jobs, db)
            for supersession in found {
                try db.run("UPDATE jobs SET successor = ? WHERE id = ?", [supersession.successor, supersession.job])
                changes.job(supersession.job)
            }
            return found
        }
    }

    /// A worker knows best how far its job is; the steps are asked too for one that has been taken up again.
    static func supersessions(of jobs: [JobID], _ db: Database) throws -> [Supersession] {
        let rows = try db.rows(
            """
            SELECT id, supersessions, (
                SELECT max(id) FROM jobs AS newer INDEXED BY jobs_active
                WHERE newer.app = older.app AND newer.target IS older.target AND newer.ref = older.ref
                    AND newer.state IN ('queued', 'running') AND newer.supersedable AND newer.id > older.id
            ) AS successor
            FROM jobs AS older
            WHERE id IN (SELECT value FROM json_each(?)) AND state = 'running' AND supersedable
                AND NOT EXISTS (
                    SELECT 1 FROM steps
                    WHERE job = older.id AND name IN ('migrate', 'release') AND steps.state != 'waiting')
            """, [Job.list(jobs)])
        return rows.compactMap { row in
            guard let successor: JobID = row["successor"], Superseding.givesWay(after: row["supersessions"]) else {
                return nil
            }
            return Supersession(job: row["id"], successor: successor)
        }
    }

    package func letThrough(_ job: JobID) async throws {
        try await write("let through") { db, changes in
            try db.run("UPDATE jobs SET successor = NULL WHERE id = ? AND state = 'running'", [job])
            changes.job(job)
        }
    }

    package func giveWay(_ job: JobID) async throws {
        try await write("job superseded") { [self] db, changes in try giveWay(job, db, &changes) }
    }

    func giveWay(_ job: JobID, _ db: Database, _ changes: inout Changes) throws {
        guard let row = try db.row("SELECT * FROM jobs WHERE id = ?", [job]) else {
            throw StoreError.unknownJob(job)
        }
        let plan = try Job(row: row).plan
        let newest = try db.row(
            """
            SELECT max(id) FROM jobs INDEXED BY jobs_active
            WHERE app = ? AND target IS ? AND ref = ? AND state IN ('queued', 'running') AND supersedable AND id > ?
            """, [plan.app, plan.target, plan.trigger.ref, job])
        // The one that it stopped for may have been cancelled since: then that was the newest, and stays so.
        let successor: JobID? = try newest?[0] ?? (row["successor"] as JobID?).map { try Self.last($0, db) }
        let reason = try successor.map { Self.reason(try Job.fetch($0, db).plan, $0) } ?? "a newer push came"
        try finish(job, from: .running, as: .superseded, reason: reason, successor: successor, db, &changes)
        if let successor { try tookPlace(of: [row], successor, db, &changes) }
        changes.bringsWork = true
    }

    /// Where a chain of superseded jobs ends. Each was linked to a job that had not ended, so it has an end.
    private static func last(_ job: JobID, _ db: Database) throws -> JobID {
        var job = job
        while let next: JobID = try db.row("SELECT successor FROM jobs WHERE id = ? AND state = 'superseded'", [job])?[
            0]
        { job = next }
        return job
    }
}

// MARK: - What the repository says

extension SQLiteStore {
    package func follow(_ job: JobID, to tip: Commit, joins: Int) async throws -> Int? {
        try await write("resolve commit") { [self] db, changes in
            guard let row = try db.row("SELECT * FROM jobs WHERE id = ?", [job]), let id = tip.id?.description else {
                throw StoreError.unknownJob(job)
            }
            if row["commit_id"] != id {
                let known = try db.row("SELECT count(*) FROM delivery_jobs WHERE job = ? AND joined", [job])
                if let now: Int = known?[0], now != joins { return now }
            }
            let plan = try Job(row: row).plan
            if row["commit_id"] != id { try forgetTip(of: plan, db) }
            try db.run(
                "UPDATE jobs SET commit_id = ?, commit_message = ?, commit_author = ? WHERE id = ?",
                [id, tip.message, tip.author, job])
            changes.job(job)
            // A job that is about to give way brings nothing any more.
            guard row["successor"] == nil else { return nil }
            // One that has taken others' places stays: their pushes may have come after the tip was seen, and deliveries
            // come in any order.
            let rows = try db.rows(
                """
                UPDATE jobs INDEXED BY jobs_active SET state = 'superseded', successor = :job, reason = :reason, finished_at = :time
                WHERE app = :app AND target IS :target AND ref = :ref AND state IN ('queued', 'running')
                    AND state = 'queued' AND supersedable AND commit_id = :commit AND supersessions = 0
                RETURNING \(JobLine.endedColumns), supersessions
                """,
                [
                    "job": job,
                    "reason": "job \(job) brings this commit already, which was the branch's tip when it started",
                    "time": Timestamp.now().milliseconds, "app": plan.app, "target": plan.target,
                    "ref": plan.trigger.ref, "commit": id,
                ])
            try ended(rows, &changes)
            try tookPlace(of: rows, job, db, &changes)
            return nil
        }
    }

    package func finish(_ job: JobID, overtakenBy live: JobID, reason: String) async throws {
        try await write("job superseded") { [self] db, changes in
            // What is live outlives the job that brought it.
            let known: JobID? = try db.row("SELECT id FROM jobs WHERE id = ?", [live])?[0]
            try finish(job, from: .running, as: .superseded, reason: reason, successor: known, db, &changes)
            changes.bringsWork = true
        }
    }
}

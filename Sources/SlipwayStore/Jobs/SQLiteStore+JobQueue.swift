import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: JobQueue {
    /// Of each target that has jobs waiting the first one: if that may not start, none there may. A job that waits
    /// at a locked target, and says so, takes no slot. The counts and the lists
    /// of targets do not depend on the row, so SQLite works them out once. The indexes are named, because without
    /// statistics SQLite prefers those that hold the ended jobs too.
    private static let claim = """
        UPDATE jobs SET state = 'running', started_at = :now, attempt = attempt + 1
        WHERE id = (
            WITH RECURSIVE \(firsts(in: "jobs_waiting", where: "state = 'queued'", order: "priority DESC, id"))
            SELECT id FROM firsts JOIN jobs USING (id)
            WHERE priority >= (SELECT CASE WHEN EXISTS (SELECT 1 FROM queue_pause) THEN :manual ELSE 0 END)
                AND (SELECT count(*) FROM jobs INDEXED BY jobs_running
                    WHERE state = 'running'
                        AND (reason IS NULL OR target IS NULL OR (app, target) NOT IN (SELECT app, target FROM target_locks)))
                    < :slots
                AND CASE
                    WHEN target IS NULL THEN
                        (SELECT count(*) FROM jobs INDEXED BY jobs_running
                            WHERE state = 'running' AND target IS NULL) < max(1, :slots - 1)
                    WHEN priority >= :manual THEN (app, target) NOT IN (\(closedTargets))
                    ELSE (app, target) NOT IN (\(closedTargets) UNION ALL SELECT app, target FROM target_pauses)
                END
            ORDER BY priority DESC, id LIMIT 1)
        RETURNING id
        """
    /// Where no job may start.
    private static let closedTargets = """
        SELECT app, target FROM jobs INDEXED BY jobs_running WHERE state = 'running' AND target IS NOT NULL
        UNION ALL SELECT app, target FROM target_locks
        """

    package func claim(slots: Int, steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> Job? {
        let job = try await write { db, changes -> Job? in
            let claimed = try db.rows(
                Self.claim,
                [
                    "now": Timestamp.now().milliseconds, "slots": slots, "manual": Priority.manual.rawValue,
                ])
            guard let id: JobID = claimed.first?["id"] else { return nil }
            let plan = try Job.fetch(id, db).plan
            for (position, name) in steps(plan).enumerated() {
                try db.run(
                    "INSERT INTO steps (job, position, name, state) VALUES (?, ?, ?, 'waiting')",
                    [id, position, name.rawValue])
            }
            changes.job(id)
            let job = try Job.fetch(id, db)
            changes.lines.append(.began(job))
            return job
        }
        if job != nil { KillPoint.pass("after claim") }
        return job
    }

    package func resolve(_ job: JobID, to commit: Commit) async throws {
        try await write("resolve commit") { db, changes in
            try db.run(
                "UPDATE jobs SET commit_id = ?, commit_message = ?, commit_author = ? WHERE id = ?",
                [commit.id?.description, commit.message, commit.author, job])
            guard db.changesCount == 1 else { throw StoreError.unknownJob(job) }
            changes.job(job)
        }
    }

    package func lock(app: String, target: String) async throws -> TargetLock? {
        try await read { db in try TargetLock.fetch(app: app, target: target, db) }
    }

    package func explain(_ job: JobID, _ reason: String?) async throws {
        try await write("explain job") { db, changes in
            try db.run("UPDATE jobs SET reason = ? WHERE id = ? AND state = 'running'", [reason, job])
            changes.job(job)
            // What waits for a lock to go takes no slot.
            changes.bringsWork = true
        }
    }

    package func update(_ step: Step, of job: JobID) async throws {
        try await write("\(step.name.rawValue) \(step.state.rawValue)") { db, changes in
            try db.run(
                """
                UPDATE steps SET state = ?, reason = ?, started_at = ?, finished_at = ?, detail = ?
                WHERE job = ? AND name = ?
                """,
                [
                    step.state.rawValue, step.reason, step.startedAt?.milliseconds, step.finishedAt?.milliseconds,
                    step.storedDetail, job, step.name.rawValue,
                ])
            guard db.changesCount == 1 else { throw StoreError.unknownStep(job, step.name) }
            // It gets on.
            if step.state.hasEnded { try db.run("UPDATE jobs SET attempt = 1 WHERE id = ? AND attempt > 1", [job]) }
            changes.step(job, step.name)
        }
    }

    package func finish(_ job: JobID, as state: Job.State, reason: String?) async throws {
        try await write("job \(state.rawValue)") { [self] db, changes in
            try finish(job, from: .running, as: state, reason: reason, db, &changes)
            // Its target and its slot are free.
            changes.bringsWork = true
        }
    }

    package func cancelQueued(_ job: JobID, reason: String) async throws -> Bool {
        try await write("cancel queued job") { [self] db, changes in
            do {
                try finish(job, from: .queued, as: .cancelled, reason: reason, db, &changes)
                return true
            } catch StoreError.notRunning, StoreError.unknownJob {
                return false
            }
        }
    }

    package func noteCancel(of job: JobID, reason: String) async throws {
        try await write("cancel accepted") { db, changes in
            try db.run("UPDATE jobs SET cancel_reason = ? WHERE id = ? AND state = 'running'", [reason, job])
            changes.job(job)
        }
    }

    package func leave(_ job: JobID) async throws {
        try await write { db, _ in
            try db.run("UPDATE jobs SET attempt = attempt - 1 WHERE id = ? AND state = 'running'", [job])
        }
    }

    package func waitForWork() async {
        await work.wait()
    }

    /// Ends `waitForWork` for a reason that the database does not know: more slots.
    package func signalWork() {
        work.signal()
    }

    /// Ends a job that is in a state, with the steps that have not ended.
    func finish(
        _ job: JobID, from: Job.State, as state: Job.State, reason: String?, successor: JobID? = nil, _ db: Database,
        _ changes: inout Changes
    ) throws {
        guard state.hasEnded, from.next.contains(state) else { throw StoreError.notAnEnd(job, state) }
        let now = Timestamp.now().milliseconds
        let finished = try db.rows(
            """
            UPDATE jobs SET state = ?, reason = ?, successor = ?, finished_at = ? WHERE id = ? AND state = ?
            RETURNING \(JobLine.endedColumns)
            """, [state.rawValue, reason, successor, now, job, from.rawValue])
        guard let row = finished.first else { throw StoreError.notRunning(job, try Job.fetch(job, db).state) }
        changes.lines.append(try JobLine(ended: row))
        let isCancelled = state == .cancelled || state == .superseded
        let waiting: Step.State = isCancelled ? .cancelled : .skipped
        // A step that its worker left running cannot outlast the job.
        let running: Step.State = isCancelled ? .cancelled : state == .succeeded ? .succeeded : .failed
        let ended = try db.rows(
            """
            UPDATE steps SET state = iif(state = 'running', :running, :waiting),
                reason = coalesce(reason, iif(state = 'running', :reason, NULL)),
                finished_at = iif(state = 'running', :now, NULL)
            WHERE job = :job AND state IN ('running', 'waiting')
            RETURNING name
            """,
            [
                "running": running.rawValue, "waiting": waiting.rawValue, "reason": reason, "now": now, "job": job,
            ])
        for row in ended { changes.step(job, try row.word("name", of: "steps")) }
        if state != .succeeded { try Self.doubtRelease(after: job, db) }
        try pauseAfterRollback(job, db, &changes)
        changes.job(job)
    }
}

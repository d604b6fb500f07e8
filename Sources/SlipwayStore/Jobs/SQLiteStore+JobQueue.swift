import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: JobQueue {
    /// In SQL for speed: it picks among all that wait, and reads of them no more than the first of each target. It is also
    /// the one statement beside `QueueTransaction.transition` that sets a state, from `queued` to `running`; `moved` follows.
    ///
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
        let job = try await decide { transaction -> Job? in
            let rows = transaction.rows
            let claimed = try rows.db.row(
                Self.claim,
                ["now": Timestamp.now().milliseconds, "slots": slots, "manual": Priority.manual.rawValue])
            guard let id: JobID = claimed?["id"], let plan = try rows.job(id)?.job.plan else { return nil }
            try rows.insert(steps(plan).map { Step(name: $0) }, of: id)
            guard let job = try rows.wholeJob(id) else { return nil }
            try transaction.moved(job)
            return job
        }
        if job != nil { KillPoint.pass("after claim") }
        return job
    }

    package func resolve(_ job: JobID, to commit: Commit) async throws {
        try await decide("resolve commit") { transaction in try transaction.resolve(job, to: commit) }
    }

    package func lock(app: String, target: String) async throws -> TargetLock? {
        try await read { db in try TargetLock.fetch(app: app, target: target, db) }
    }

    package func explain(_ job: JobID, _ reason: String?) async throws {
        try await write("explain job") { db, changes in
            try db.run("UPDATE jobs SET reason = ? WHERE id = ? AND state = 'running'", [reason, job])
            changes.job(job)
            // What waits for a lock to go takes no slot.
            changes.signalsWork = true
        }
    }

    package func update(_ step: Step, of job: JobID) async throws {
        try await decide("\(step.name.rawValue) \(step.state.rawValue)") { transaction in
            let rows = transaction.rows
            guard try rows.write(step, of: job) else { throw QueueError.unknownStep(job, step.name) }
            // It gets on.
            if step.state.hasEnded {
                try rows.db.run("UPDATE jobs SET attempt = 1 WHERE id = ? AND attempt > 1", [job])
            }
            transaction.changes.step(job, step.name)
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
}

// MARK: - How a job ends

extension SQLiteStore {
    package func finish(_ job: JobID, as state: Job.State, reason: String?) async throws {
        try await decide("job \(state.rawValue)") { try $0.finish(job, as: state, reason: reason) }
    }

    package func finish(_ job: JobID, overtakenBy live: JobID, reason: String) async throws {
        try await decide("job superseded") { try $0.finish(job, overtakenBy: live, reason: reason) }
    }

    package func giveWay(_ job: JobID) async throws {
        try await decide("job superseded") { try $0.giveWay(job) }
    }

    package func cancelQueued(_ job: JobID, reason: String) async throws -> Bool {
        try await decide("cancel queued job") { try $0.cancelQueued(job, reason: reason) }
    }

    package func noteCancel(of job: JobID, reason: String) async throws {
        try await write("cancel accepted") { db, changes in
            try db.run("UPDATE jobs SET cancel_reason = ? WHERE id = ? AND state = 'running'", [reason, job])
            changes.job(job)
        }
    }

    package func recover(steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> [Job] {
        try await decide("recover jobs") { try $0.recover(steps: steps) }
    }
}

// MARK: - What newer pushes and the repository say

extension SQLiteStore {
    package func supersessions(of jobs: [JobID]) async throws -> [Supersession] {
        // Nearly always there is none, and a look without a transaction of the writer's is enough to know it.
        guard try await !look({ try $0.supersessions(of: jobs) }).isEmpty else { return [] }
        return try await decide("note successor") { try $0.noteSupersessions(of: jobs) }
    }

    package func letThrough(_ job: JobID) async throws {
        try await write("let through") { db, changes in
            try db.run("UPDATE jobs SET successor = NULL WHERE id = ? AND state = 'running'", [job])
            changes.job(job)
        }
    }

    package func follow(_ job: JobID, to tip: Commit, joins: Int) async throws -> Int? {
        try await decide("resolve commit") { try $0.follow(job, to: tip, joins: joins) }
    }

    package func forgetTip(of job: JobID) async throws {
        try await decide { try $0.forgetTip(of: job) }
    }
}

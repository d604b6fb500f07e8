import GRDB
import SlipwayBase
package import SlipwayCore

/// What a server does at its start with the jobs that the last one left running.
extension SQLiteStore {
    /// Effects that change what is live or in a database; done twice they do harm, and only the world knows whether
    /// they were done once. Everything else a job does is a repetition of the same.
    private static let unrepeatable = ["release formation", "run dyno"]

    /// A job that has been claimed so often and never ended may be what ends the server.
    static let mostAttempts = 5

    package func recover() async throws -> [Job] {
        try await write { [self] db, changes in
            let ids: [JobID] = try db.rows("SELECT id FROM jobs WHERE state = 'running' ORDER BY id").map { $0["id"] }
            for id in ids { try recover(id, db, &changes) }
            return try Job.fetch(ids, db)
        }
    }

    private func recover(_ id: JobID, _ db: Database, _ changes: inout Changes) throws {
        let job = try Job.fetch(id, db)
        let attempt: Int = try db.row("SELECT attempt FROM jobs WHERE id = ?", [id])?["attempt"] ?? 0
        let open = try db.rows(
            """
            SELECT kind, intent FROM effects WHERE job = ? AND attempt = ? AND outcome IS NULL ORDER BY id
            """, [id, attempt])
        if let effect = open.first(where: { Self.unrepeatable.contains($0["kind"]) }) {
            let reason = Self.doubt(effect["kind"], intent: effect["intent"], job: job)
            return try finish(id, from: .running, as: .failed, reason: reason, db, &changes)
        }
        guard attempt < Self.mostAttempts else {
            let reason =
                "the server stopped \(attempt) times while this job ran; look for the cause in the server's log, then "
                + "deploy again"
            return try finish(id, from: .running, as: .failed, reason: reason, db, &changes)
        }
        for step in job.steps { changes.step(id, step.name) }
        try db.run("DELETE FROM steps WHERE job = ?", [id])
        try db.run("UPDATE jobs SET state = 'queued', started_at = NULL, successor = NULL WHERE id = ?", [id])
        changes.job(id)
        changes.bringsWork = true
        try giveWay(job, db, &changes)
    }

    /// While the job ran, newer pushes could not supersede it; queued again, it is just another older push.
    private func giveWay(_ job: Job, _ db: Database, _ changes: inout Changes) throws {
        let newer = try db.row(
            """
            SELECT max(id) FROM jobs INDEXED BY jobs_active
            WHERE app = ? AND target IS ? AND ref = ? AND state IN ('queued', 'running') AND state = 'queued'
                AND supersedable AND id > ?
            """, [job.plan.app, job.plan.target, job.plan.trigger.ref, job.id])
        guard let id: JobID = newer?[0] else { return }
        try supersede(olderThan: id, try Job.fetch(id, db).plan, at: .now(), db, &changes)
    }

    private static func doubt(_ kind: String, intent: String, job: Job) -> String {
        let target = job.plan.target ?? job.plan.app
        let check =
            kind == "run dyno"
            ? "look at the dynos and the log of \(target) and at its database"
            : "look at the releases of \(target)"
        return "the server stopped during “\(kind)” (\(intent.singleLine(limit: 200))), so whether it was done is not "
            + "known: \(check), then deploy again"
    }
}

import GRDB
import SlipwayBase
package import SlipwayCore

/// What a server does at its start with the jobs that the last one left running.
extension SQLiteStore {
    /// A job in which the server stopped so often without a step between may be what ends it.
    static let mostAttempts = 5

    package func recover(steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> [Job] {
        try await write("recover jobs") { [self] db, changes in
            let ids: [JobID] = try db.rows(
                "SELECT id FROM jobs INDEXED BY jobs_running WHERE state = 'running' ORDER BY id"
            ).map { $0["id"] }
            for id in ids { try recover(id, steps, db, &changes) }
            return try Job.fetch(ids, db)
        }
    }

    private func recover(
        _ id: JobID, _ steps: (Plan) -> [Step.Name], _ db: Database, _ changes: inout Changes
    ) throws {
        let job = try Job.fetch(id, db)
        if let end = Self.end(decidedBy: job) {
            // Work that was ended for a newer push ends as that.
            if end.state == .cancelled, job.successor != nil { return try giveWay(id, db, &changes) }
            return try finish(id, from: .running, as: end.state, reason: end.reason, db, &changes)
        }
        // What its worker would have done if the server had gone on.
        let row = try db.row("SELECT attempt, cancel_reason FROM jobs WHERE id = ?", [id])
        if let reason: String = row?["cancel_reason"] {
            return try finish(id, from: .running, as: .cancelled, reason: reason, db, &changes)
        }
        if try !Self.supersessions(of: [id], db).isEmpty { return try giveWay(id, db, &changes) }
        let attempt: Int = row?["attempt"] ?? 0
        guard attempt < Self.mostAttempts else {
            let step = job.steps.first { !$0.state.hasEnded }?.name.rawValue ?? "its end"
            let reason =
                "the server stopped \(attempt) times in this job's \(step); look for the cause in the server's log"
                + (job.hasPassedPointOfNoReturn ? ", and at what is live and in the database," : "")
                + " then deploy again"
            return try finish(id, from: .running, as: .failed, reason: reason, db, &changes)
        }
        try db.run("UPDATE jobs SET attempt = attempt + 1, successor = NULL, reason = NULL WHERE id = ?", [id])
        try fit(job, to: steps(job.plan), db)
        changes.job(id)
    }

    /// How a job ends whose server stopped between the end of a step and the job's own.
    private static func end(decidedBy job: Job) -> (state: Job.State, reason: String?)? {
        if let failed = job.steps.first(where: { $0.state == .failed }) {
            return (.failed, "\(failed.name.rawValue): \(failed.reason ?? "it failed")")
        }
        return job.steps.first { $0.state == .cancelled }.map { (.cancelled, $0.reason) }
    }

    /// The configuration may ask for other steps than when the job was claimed. Those in which something may have gone
    /// live stay.
    private func fit(_ job: Job, to steps: [Step.Name], _ db: Database) throws {
        let begun = job.steps.filter { $0.name.isPointOfNoReturn && $0.startedAt != nil && !steps.contains($0.name) }
        let names = steps.filter { $0 != .verify } + begun.map(\.name) + steps.filter { $0 == .verify }
        guard !steps.isEmpty, names != job.steps.map(\.name) else { return }
        try db.run("DELETE FROM steps WHERE job = ?", [job.id])
        for (position, name) in names.enumerated() {
            let known = job.steps.first { $0.name == name } ?? Step(name: name)
            try db.run(
                """
                INSERT INTO steps (job, position, name, state, reason, started_at, finished_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    job.id, position, name.rawValue, known.state.rawValue, known.reason, known.startedAt?.milliseconds,
                    known.finishedAt?.milliseconds,
                ])
        }
    }
}

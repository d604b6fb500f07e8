import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: Journal {
    package func begin(
        _ kind: Effect.Kind, of job: JobID, step: Step.Name, nonce: String, intent: String
    ) async throws -> EffectID {
        try await write("begin \(kind.rawValue)") { db, _ in
            try db.run(
                """
                INSERT INTO effects (job, attempt, step, kind, nonce, intent, begun_at)
                SELECT id, attempt, ?, ?, ?, ?, ? FROM jobs WHERE id = ?
                """,
                [step.rawValue, kind.rawValue, nonce, intent, Timestamp.now().milliseconds, job])
            guard db.changesCount == 1 else { throw StoreError.unknownJob(job) }
            return db.lastInsertedRowID
        }
    }

    package func end(_ effect: EffectID, outcome: String) async throws {
        try await write("end effect") { db, _ in
            try db.run(
                "UPDATE effects SET outcome = ?, ended_at = ? WHERE id = ?",
                [outcome, Timestamp.now().milliseconds, effect])
            guard db.changesCount == 1 else { throw StoreError.unknownEffect(effect) }
        }
    }

    package func effects(of job: JobID) async throws -> [Effect] {
        try await read { db in
            try db.rows("SELECT * FROM effects WHERE job = ? ORDER BY id", [job]).map { row in
                Effect(
                    id: row["id"], step: try row.word("step", of: "effects"), kind: try row.word("kind", of: "effects"),
                    nonce: row["nonce"], intent: row["intent"], outcome: row["outcome"])
            }
        }
    }
}

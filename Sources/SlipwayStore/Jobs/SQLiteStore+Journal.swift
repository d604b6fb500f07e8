import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: Journal {
    package func begin(
        _ kind: String, of job: JobID, step: Step.Name, nonce: String, intent: String
    ) async throws -> EffectID {
        try await write { db, _ in
            try db.run(
                """
                INSERT INTO effects (job, attempt, step, kind, nonce, intent, begun_at)
                SELECT id, attempt, ?, ?, ?, ?, ? FROM jobs WHERE id = ?
                """,
                [step.rawValue, kind, nonce, intent, Timestamp.now().milliseconds, job])
            guard db.changesCount == 1 else { throw StoreError.unknownJob(job) }
            return db.lastInsertedRowID
        }
    }

    package func end(_ effect: EffectID, outcome: String) async throws {
        try await write { db, _ in
            try db.run(
                "UPDATE effects SET outcome = ?, ended_at = ? WHERE id = ?",
                [outcome, Timestamp.now().milliseconds, effect])
            guard db.changesCount == 1 else { throw StoreError.unknownEffect(effect) }
        }
    }
}

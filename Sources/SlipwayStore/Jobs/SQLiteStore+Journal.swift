import Foundation
import GRDB
import Logging
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: Journal {
    package func begin(_ effect: Effect, of job: JobID, step: Step.Name) async throws -> EffectID {
        let id = try await write("begin \(effect.kind.rawValue)") { db, _ in
            let now = Timestamp.now().milliseconds
            try db.run(
                """
                INSERT INTO effects (job, attempt, step, kind, state, intent, outcome, begun_at, ended_at)
                SELECT id, attempt, ?, ?, ?, ?, ?, ?, ? FROM jobs WHERE id = ?
                """,
                [
                    step.rawValue, effect.kind.rawValue, effect.state.rawValue, try Self.json(effect.intent),
                    try effect.outcome.map(Self.json), now, effect.state == .begun ? nil : now, job,
                ])
            guard db.changesCount == 1 else { throw QueueError.unknownJob(job) }
            return db.lastInsertedRowID
        }
        note(effect, id, ["job": "\(job)", "step": "\(step.rawValue)"])
        return id
    }

    package func end(_ id: EffectID, as effect: Effect) async throws {
        try await write("end \(effect.kind.rawValue)") { db, _ in
            try db.run(
                "UPDATE effects SET state = ?, outcome = ?, ended_at = ? WHERE id = ? AND kind = ?",
                [
                    effect.state.rawValue, try effect.outcome.map(Self.json),
                    effect.state == .begun ? nil : Timestamp.now().milliseconds, id, effect.kind.rawValue,
                ])
            guard db.changesCount == 1 else { throw QueueError.unknownEffect(id) }
        }
        note(effect, id, [:])
    }

    private func note(_ effect: Effect, _ id: EffectID, _ metadata: @autoclosure () -> Logger.Metadata) {
        logger.debug(
            "effect",
            metadata: metadata().merging([
                "effect": "\(id)", "kind": "\(effect.kind.rawValue)", "state": "\(effect.state.rawValue)",
            ]) { $1 })
    }

    package func entries(of job: JobID) async throws -> [JournalEntry] {
        try await read { db in
            try db.rows("SELECT * FROM effects WHERE job = ? ORDER BY id", [job]).map(JournalEntry.init(row:))
        }
    }

    private static func json(_ value: any Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

extension JournalEntry {
    init(row: Row) throws {
        self.init(
            id: row["id"], step: try row.word("step", of: "effects"), effect: try Effect(row: row),
            begunAt: Timestamp(milliseconds: row["begun_at"]), endedAt: row.time("ended_at"))
    }
}

extension Effect {
    /// Of a row with the columns `kind`, `state`, `intent` and `outcome`, the last two of which are JSON.
    init(row: Row) throws {
        let (kind, state, intent): (String, String, String) = (row["kind"], row["state"], row["intent"])
        let outcome: String? = row["outcome"]
        let json = #"{"kind":"\#(kind)","state":"\#(state)","intent":\#(intent),"outcome":\#(outcome ?? "null")}"#
        do {
            self = try JSONDecoder().decode(Effect.self, from: Data(json.utf8))
        } catch {
            throw StoreError.unreadable(table: "effects", column: "kind, state, intent, outcome", value: json)
        }
    }
}

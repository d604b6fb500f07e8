import Foundation
import GRDB
import SlipwayBase
import SlipwayCore

extension Job {
    /// Jobs with their steps, in the order of the ids; ids that are gone are left out.
    static func fetch(_ ids: [JobID], _ db: Database) throws -> [Job] {
        guard !ids.isEmpty else { return [] }
        let rows = try db.rows("SELECT * FROM jobs WHERE id IN (SELECT value FROM json_each(?))", [Self.list(ids)])
        let jobs = Dictionary(uniqueKeysWithValues: try read(rows, db).map { ($0.id, $0) })
        return ids.compactMap { jobs[$0] }
    }

    /// Whole rows of the table, with the jobs' steps, and for the queued why they wait.
    static func read(_ rows: [Row], _ db: Database) throws -> [Job] {
        guard !rows.isEmpty else { return [] }
        var jobs = try rows.map(Job.init(row:))
        let steps = Dictionary(
            grouping: try db.rows(
                "SELECT * FROM steps WHERE job IN (SELECT value FROM json_each(?)) ORDER BY job, position",
                [list(jobs.map(\.id))])
        ) { $0["job"] as JobID }
        let holds = jobs.contains { $0.state == .queued } ? try Holds.fetch(db) : Holds()
        for (index, row) in rows.enumerated() {
            let job = jobs[index]
            jobs[index].steps = try (steps[job.id] ?? []).map(Step.init(row:))
            guard job.state == .queued, let priority = Priority(rawValue: row["priority"]) else { continue }
            // Not stored: it may change with what other jobs and people do.
            jobs[index].reason = holds.reason(app: job.plan.app, target: job.plan.target, priority: priority)
        }
        return jobs
    }

    /// As a JSON list, one argument whatever their number: so the statement stays the same and is compiled once.
    static func list(_ ids: [JobID]) -> String { "[" + ids.map(String.init).joined(separator: ",") + "]" }

    init(row: Row) throws {
        let commit = Commit(
            id: (row["commit_id"] as String?).flatMap { CommitID($0) }, message: row["commit_message"],
            author: row["commit_author"])
        let trigger = Trigger(
            kind: try row.word("trigger_kind", of: "jobs"), ref: row["ref"], delivery: row["delivery"],
            by: row["triggered_by"])
        self.init(
            id: row["id"],
            plan: Plan(app: row["app"], target: row["target"], trigger: trigger, commit: commit, fresh: row["fresh"]),
            state: try row.word("state", of: "jobs"), reason: row["reason"],
            createdAt: Timestamp(milliseconds: row["created_at"]), startedAt: row.time("started_at"),
            finishedAt: row.time("finished_at"), successor: row["successor"],
            isAutomatic: row["priority"] < Priority.manual.rawValue)
    }
}

extension Step {
    init(row: Row) throws {
        self.init(
            name: try row.word("name", of: "steps"), state: try row.word("state", of: "steps"), reason: row["reason"],
            startedAt: row.time("started_at"), finishedAt: row.time("finished_at"))
        if let text = row["detail"] as String? {
            detail = (try? JSONDecoder().decode([DetailLine].self, from: Data(text.utf8))) ?? []
        }
    }

    /// As a column has it; nil: none.
    var storedDetail: String? {
        detail.isEmpty ? nil : (try? JSONEncoder().encode(detail)).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension Row {
    func time(_ column: String) -> Timestamp? {
        (self[column] as Int64?).map(Timestamp.init(milliseconds:))
    }

    func word<Word: RawRepresentable<String>>(_ column: String, of table: String) throws -> Word {
        let text: String = self[column]
        guard let word = Word(rawValue: text) else {
            throw StoreError.unreadable(table: table, column: column, value: text)
        }
        return word
    }
}

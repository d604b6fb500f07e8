import GRDB
package import SlipwayCore
import Synchronization

extension SQLiteStore: History {
    package var revision: UInt64 { commits.load(ordering: .acquiring) }

    package func job(_ id: JobID) async throws -> Job? {
        try await read { db in try Job.fetch([id], db).first }
    }

    package func jobs(numbered ids: [JobID]) async throws -> [Job] {
        try await read { db in try Job.fetch(ids, db) }
    }

    package func jobs(_ filter: JobFilter) async throws -> [Job] {
        try await read { db in
            var conditions: [String] = []
            var arguments = StatementArguments()
            if let app = filter.app {
                conditions.append("app = ?")
                arguments += [app]
            }
            if let target = filter.target {
                conditions.append("target = ?")
                arguments += [target]
            }
            if let states = filter.states {
                conditions.append("state IN (\(states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")))")
            }
            if let before = filter.before {
                conditions.append("id < ?")
                arguments += [before]
            }
            let condition = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
            let rows = try db.rows(
                "SELECT * FROM jobs \(condition) ORDER BY id DESC LIMIT ?", arguments + [max(0, filter.limit)])
            return try Job.read(rows, db)
        }
    }

    package func queue() async throws -> QueueSummary {
        try await read { db in
            QueueSummary(
                running: try db.rows("SELECT id FROM jobs WHERE state = 'running' ORDER BY id").map { $0[0] },
                queued: try db.rows(
                    "SELECT id FROM jobs INDEXED BY jobs_queued WHERE state = 'queued' ORDER BY priority DESC, id LIMIT 100"
                ).map { $0[0] },
                queuedCount: try db.row("SELECT count(*) FROM jobs INDEXED BY jobs_queued WHERE state = 'queued'")?[0]
                    ?? 0,
                paused: try Pause.fetch(db))
        }
    }

    package func holds() async throws -> Holds {
        try await read { db in try Holds.fetch(db) }
    }

    package func jobCounts() async throws -> [Job.State: Int] {
        try await read { db in
            let rows = try db.rows("SELECT state, count(*) AS count FROM jobs GROUP BY state")
            return Dictionary(
                try rows.map { (try $0.word("state", of: "jobs"), $0["count"]) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    package func latestJob(app: String, target: String) async throws -> JobID? {
        try await read { db in
            try db.row("SELECT max(id) FROM jobs WHERE app = ? AND target = ?", [app, target])?[0]
        }
    }
}

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
        try await read { db in try Job.fetch(Self.newest(filter, db), db) }
    }

    package func queue() async throws -> QueueSummary {
        try await read { db in
            QueueSummary(
                running: try db.rows("SELECT id FROM jobs INDEXED BY jobs_running WHERE state = 'running' ORDER BY id")
                    .map { $0[0] },
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
            let rows = try db.rows(
                """
                SELECT state, count(*) AS count FROM jobs INDEXED BY jobs_ended
                WHERE state <> 'queued' AND state <> 'running' GROUP BY state
                UNION ALL
                SELECT state, count(*) FROM jobs INDEXED BY jobs_queued WHERE state = 'queued' GROUP BY state
                UNION ALL
                SELECT state, count(*) FROM jobs INDEXED BY jobs_running WHERE state = 'running' GROUP BY state
                """)
            return Dictionary(
                try rows.map { (try $0.word("state", of: "jobs"), $0["count"]) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    package func latestJob(app: String, target: String) async throws -> JobID? {
        try await read { db in try Self.newest(JobFilter(app: app, target: target, limit: 1), db).first }
    }
}

// MARK: - The newest first

extension SQLiteStore {
    /// In SQL for speed: a page is asked for by everybody who looks, and the past is long.
    ///
    /// Read state by state, and target by target where one is asked for: there they stand by number, and what is asked
    /// for is found without passing over anything else.
    private static func newest(_ filter: JobFilter, _ db: Database) throws -> [JobID] {
        let page: StatementArguments = [filter.before ?? .max, max(0, filter.limit)]
        func ids(_ source: String, _ arguments: StatementArguments = []) throws -> [JobID] {
            try db.rows("SELECT id FROM jobs \(source) id < ? ORDER BY id DESC LIMIT ?", arguments + page).map { $0[0] }
        }
        var found: [JobID] = []
        if filter.app != nil || filter.target != nil {
            for place in try places(filter, db) {
                for state in filter.states ?? Set(Job.State.allCases) {
                    found += try ids(
                        "INDEXED BY jobs_by_target WHERE app = ? AND target IS ? AND state = ? AND",
                        [place.app, place.target, state.rawValue])
                }
            }
        } else if let states = filter.states {
            for state in states {
                switch state {
                // Named one by one the priorities are parts of the index, within which jobs stand by number.
                case .queued:
                    found += try ids(
                        "INDEXED BY jobs_queued WHERE state = 'queued' AND priority IN (\(priorities)) AND")
                case .running: found += try ids("INDEXED BY jobs_running WHERE state = 'running' AND")
                default:
                    found += try ids(
                        "INDEXED BY jobs_ended WHERE state = ? AND state <> 'queued' AND state <> 'running' AND",
                        [state.rawValue])
                }
            }
        } else {
            return try ids("WHERE")
        }
        return Array(found.sorted(by: >).prefix(max(0, filter.limit)))
    }

    private static let priorities = Priority.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")

    /// What a filter means, of all that jobs were ever for.
    private static func places(_ filter: JobFilter, _ db: Database) throws -> [(app: String, target: String?)] {
        if let app = filter.app, let target = filter.target { return [(app, target)] }
        var arguments: StatementArguments = ["target": filter.target]
        if let app = filter.app { arguments += ["app": app] }
        let condition = filter.app == nil ? "true" : "app = :app"
        let rows = try db.rows(
            """
            WITH RECURSIVE \(firsts(in: "jobs_by_target", where: condition, order: "state, id"))
            SELECT app, target FROM firsts JOIN jobs USING (id) WHERE ifnull(target = :target, :target IS NULL)
            """, arguments)
        return rows.map { ($0["app"], $0["target"]) }
    }
}

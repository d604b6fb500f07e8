import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: TipStore {
    package func seenTips(of app: App) async throws -> [GitRef: CommitID]? {
        try await read { db in
            guard try isKnown(app, db) else { return nil }
            let rows = try db.rows("SELECT ref, commit_id FROM tips WHERE app = ?", [app.name])
            return rows.reduce(into: [:]) { tips, row in
                guard let ref = GitRef(row["ref"]), let commit = CommitID(row["commit_id"]) else { return }
                tips[ref] = commit
            }
        }
    }

    package func open(_ move: TipMove, of app: App) async throws -> [Plan] {
        try await read { db in
            let ref = move.ref.description
            let seen = try db.row("SELECT commit_id FROM tips WHERE app = ? AND ref = ?", [app.name, ref])
            guard seen?["commit_id"] == move.from?.description else { return [] }
            return try move.plans.filter { plan in
                // Only the newest: of a branch that went back to where it was before, that commit is deployed again. A job
                // that found nothing in the repository to deploy says nothing of what is there now.
                let newest = try db.row(
                    """
                    SELECT commit_id FROM jobs NOT INDEXED
                    WHERE app = ? AND target IS ? AND ref = ? AND NOT EXISTS (
                        SELECT 1 FROM steps
                        WHERE job = jobs.id AND name = 'checkout' AND (state = 'skipped' OR state = 'failed'))
                    ORDER BY id DESC LIMIT 1
                    """,
                    [plan.app, plan.target, ref])
                return newest?["commit_id"] != move.to.description
            }
        }
    }

    package func note(_ tips: [Tip], of app: App, before seen: [GitRef: CommitID]?) async throws {
        try await write("note tips") { db, _ in
            if seen == nil {
                try db.run("DELETE FROM tips WHERE app = ?", [app.name])
                try db.run(
                    "INSERT OR REPLACE INTO looks (app, repository) VALUES (?, ?)",
                    [app.name, app.configuredRepository.key])
            }
            let now = Timestamp.now().milliseconds
            var gone = seen ?? [:]
            for tip in tips {
                let known = gone.removeValue(forKey: tip.ref)
                guard known != tip.commit else { continue }
                try db.run(
                    """
                    INSERT INTO tips (app, ref, commit_id, seen_at) VALUES (:app, :ref, :commit, :now)
                    ON CONFLICT (app, ref) DO UPDATE SET commit_id = excluded.commit_id, seen_at = excluded.seen_at
                        WHERE commit_id = :known
                    """,
                    [
                        "app": app.name, "ref": tip.ref.description, "commit": tip.commit.description, "now": now,
                        "known": known?.description,
                    ])
            }
            for (ref, known) in gone {
                try db.run(
                    "DELETE FROM tips WHERE app = ? AND ref = ? AND commit_id = ?",
                    [app.name, ref.description, known.description])
            }
        }
    }

    /// In the transaction of a delivery's jobs, so that no look finds news in what has its jobs.
    func noteTips(of plans: [Plan], at time: Timestamp, _ db: Database) throws {
        var last: String?
        // The targets of an app stand together, and each has the same to say.
        for plan in plans where plan.app != last {
            last = plan.app
            guard let tip = plan.tip else { continue }
            try db.run(
                """
                INSERT INTO tips (app, ref, commit_id, seen_at) VALUES (?, ?, ?, ?)
                ON CONFLICT (app, ref) DO UPDATE SET commit_id = excluded.commit_id, seen_at = excluded.seen_at
                """,
                [plan.app, tip.ref.description, tip.commit.description, time.milliseconds])
        }
    }

    /// By the repository's name: an app that now means another one is a new app.
    private func isKnown(_ app: App, _ db: Database) throws -> Bool {
        try db.row(
            "SELECT 1 FROM looks WHERE app = ? AND repository = ?", [app.name, app.configuredRepository.key]) != nil
    }
}

extension SQLiteStore: DeliveryCursor {
    package func lastDelivery(of hook: Int64, app: App) async throws -> Int64? {
        try await read { db in
            try db.row("SELECT delivery FROM hook_looks WHERE app = ? AND hook = ?", [app.name, hook])?["delivery"]
        }
    }

    package func note(lastDelivery: Int64, of hook: Int64, app: App) async throws {
        try await write { db, _ in
            try db.run(
                "INSERT OR REPLACE INTO hook_looks (app, hook, delivery) VALUES (?, ?, ?)",
                [app.name, hook, lastDelivery])
        }
    }
}

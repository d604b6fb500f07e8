import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: TargetHolds {
    package func lock(
        app: String, target: String, by name: String, reason: String
    ) async throws -> (lock: TargetLock, isNew: Bool) {
        let lock = TargetLock(by: name, since: .now(), reason: reason)
        return try await write("lock") { db, changes in
            if let first = try TargetLock.fetch(app: app, target: target, db) { return (first, false) }
            try db.run(
                "INSERT INTO target_locks (app, target, locked_by, reason, since) VALUES (?, ?, ?, ?, ?)",
                [app, target, lock.by, lock.reason, lock.since.milliseconds])
            changes.kinds.append(.reset)
            return (lock, true)
        }
    }

    package func unlock(app: String, target: String) async throws {
        try await write("unlock") { db, changes in
            try db.run("DELETE FROM target_locks WHERE app = ? AND target = ?", [app, target])
            changes.kinds.append(.reset)
            changes.bringsWork = true
        }
    }

    package func pause(app: String, target: String, by name: String) async throws -> Pause {
        let pause = Pause(by: name, since: .now())
        return try await write("pause") { db, changes in
            let first = try db.row("SELECT * FROM target_pauses WHERE app = ? AND target = ?", [app, target])
            if let first { return Pause(row: first) }
            try db.run(
                "INSERT INTO target_pauses (app, target, paused_by, since) VALUES (?, ?, ?, ?)",
                [app, target, pause.by, pause.since.milliseconds])
            changes.kinds.append(.reset)
            return pause
        }
    }

    package func resume(app: String, target: String) async throws {
        try await write("resume") { db, changes in
            try db.run("DELETE FROM target_pauses WHERE app = ? AND target = ?", [app, target])
            changes.kinds.append(.reset)
            changes.bringsWork = true
        }
    }

    /// In the transaction of the rollback's end, if its release has begun, or a push that waits would take its place before anybody looks.
    ///
    /// It takes the place of an earlier pause: what is live now is what that job brought back.
    func pauseAfterRollback(_ job: JobID, _ db: Database, _ changes: inout Changes) throws {
        try db.run(
            """
            INSERT OR REPLACE INTO target_pauses (app, target, paused_by, rollback, since)
            SELECT app, target, coalesce(triggered_by, 'someone'), id, ? FROM jobs
            WHERE id = ? AND trigger_kind = 'rollback' AND target IS NOT NULL
                AND (state = 'succeeded' OR \(Self.hasBegunRelease))
            """, [Timestamp.now().milliseconds, job])
        if db.changesCount > 0 { changes.kinds.append(.reset) }
    }
}

extension Holds {
    static func fetch(_ db: Database) throws -> Holds {
        var holds = Holds(queue: try Pause.fetch(db))
        for row in try db.rows("SELECT * FROM target_locks") {
            holds[row["app"], row["target"]].lock = TargetLock(row: row)
        }
        for row in try db.rows("SELECT * FROM target_pauses") {
            holds[row["app"], row["target"]].pause = Pause(row: row)
        }
        let running = try db.rows(
            "SELECT id, app, target FROM jobs INDEXED BY jobs_running WHERE state = 'running' AND target IS NOT NULL")
        for row in running { holds[row["app"], row["target"]].running = row["id"] }
        return holds
    }
}

extension TargetLock {
    static func fetch(app: String, target: String, _ db: Database) throws -> TargetLock? {
        try db.row("SELECT * FROM target_locks WHERE app = ? AND target = ?", [app, target]).map(TargetLock.init(row:))
    }

    init(row: Row) {
        self.init(by: row["locked_by"], since: Timestamp(milliseconds: row["since"]), reason: row["reason"])
    }
}

extension Pause {
    /// - Parameter row: of `target_pauses`.
    init(row: Row) {
        self.init(by: row["paused_by"], since: Timestamp(milliseconds: row["since"]), rollback: row["rollback"])
    }
}

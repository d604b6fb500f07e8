import GRDB
import SlipwayBase
import SlipwayCore

extension SQLiteStore: TargetHolds {
    @discardableResult
    package func lock(app: String, target: String, by name: String, reason: String) async throws -> Bool {
        try await write("lock") { db, changes in
            try db.run(
                """
                INSERT INTO target_locks (app, target, locked_by, reason, since) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """, [app, target, name, reason, Timestamp.now().milliseconds])
            return Self.changed(db, &changes)
        }
    }

    @discardableResult
    package func unlock(app: String, target: String) async throws -> Bool {
        try await write("unlock") { db, changes in
            try db.run("DELETE FROM target_locks WHERE app = ? AND target = ?", [app, target])
            changes.signalsWork = true
            return Self.changed(db, &changes)
        }
    }

    @discardableResult
    package func pause(app: String, target: String, by name: String) async throws -> Bool {
        try await write("pause") { db, changes in
            try db.run(
                """
                INSERT INTO target_pauses (app, target, paused_by, since) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """, [app, target, name, Timestamp.now().milliseconds])
            return Self.changed(db, &changes)
        }
    }

    @discardableResult
    package func resume(app: String, target: String) async throws -> Bool {
        try await write("resume") { db, changes in
            try db.run("DELETE FROM target_pauses WHERE app = ? AND target = ?", [app, target])
            changes.signalsWork = true
            return Self.changed(db, &changes)
        }
    }

    /// Whether the last statement changed what holds jobs back; if so, pages draw it again.
    static func changed(_ db: Database, _ changes: inout Changes) -> Bool {
        guard db.changesCount > 0 else { return false }
        changes.holds()
        return true
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
        let running = try db.rows("SELECT id, app, target FROM jobs INDEXED BY jobs_running WHERE state = 'running'")
        for row in running {
            holds.running.append(row["id"])
            if let target = row["target"] as String? { holds[row["app"], target].running = row["id"] }
        }
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

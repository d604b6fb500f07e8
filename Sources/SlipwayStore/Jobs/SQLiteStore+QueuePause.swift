import GRDB
import SlipwayBase
import SlipwayCore

extension SQLiteStore: QueuePause {
    @discardableResult
    package func pause(by name: String) async throws -> Bool {
        try await write("pause queue") { db, changes in
            try db.run(
                "INSERT INTO queue_pause (id, paused_by, since) VALUES (1, ?, ?) ON CONFLICT DO NOTHING",
                [name, Timestamp.now().milliseconds])
            return Self.changed(db, &changes)
        }
    }

    @discardableResult
    package func resume() async throws -> Bool {
        try await write("resume queue") { db, changes in
            try db.run("DELETE FROM queue_pause", [])
            changes.signalsWork = true
            return Self.changed(db, &changes)
        }
    }
}

extension Pause {
    static func fetch(_ db: Database) throws -> Pause? {
        try db.row("SELECT paused_by, since FROM queue_pause").map {
            Pause(by: $0["paused_by"], since: Timestamp(milliseconds: $0["since"]))
        }
    }
}

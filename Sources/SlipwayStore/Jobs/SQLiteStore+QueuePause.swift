import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: QueuePause {
    package func pause(by name: String) async throws -> Pause {
        try await write("pause queue") { db, changes in
            try db.run(
                "INSERT INTO queue_pause (id, paused_by, since) VALUES (1, ?, ?) ON CONFLICT DO NOTHING",
                [name, Timestamp.now().milliseconds])
            changes.kinds.append(.reset)
            return try Pause.fetch(db) ?? Pause(by: name, since: .now())
        }
    }

    package func resume() async throws {
        try await write("resume queue") { db, changes in
            try db.run("DELETE FROM queue_pause", [])
            changes.kinds.append(.reset)
            changes.bringsWork = true
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

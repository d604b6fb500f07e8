import GRDB
package import SlipwayBase
import SlipwayCore

extension SQLiteStore: EndedSessions {
    package func end(_ session: String, until expiry: Timestamp, at moment: Timestamp) async throws {
        try await write { db, _ in
            try db.run("DELETE FROM ended_sessions WHERE expires_at <= ?", [moment.milliseconds])
            try db.run(
                "INSERT INTO ended_sessions (session, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                [session, expiry.milliseconds])
        }
    }

    package func endedSessions(at moment: Timestamp) async throws -> [String: Timestamp] {
        try await read { db in
            let rows = try db.rows(
                "SELECT session, expires_at FROM ended_sessions WHERE expires_at > ?", [moment.milliseconds])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Timestamp(milliseconds: $0[1])) })
        }
    }
}

import Foundation
import GRDB
package import SlipwayBase
package import SlipwayCore

extension SQLiteStore: SightingStore {
    package func mark(of place: Place) async throws -> SightingMark {
        try await look { try $0.rows.mark(of: place) }
    }

    package func record(_ sighting: Sighting, app: String, target: String, since mark: SightingMark) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let answer = String(decoding: try encoder.encode(sighting.answer), as: UTF8.self)
        try await write { db, changes in
            let before = try SQLiteRows(db: db).sighting(app: app, target: target)
            // Of two looks the later question counts, whichever answer comes first.
            if let before, before.0.place == sighting.place, before.1.number > mark.number { return }
            try db.run(
                """
                INSERT OR REPLACE INTO sightings (app, target, platform, place, mark, seen_at, answer)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    app, target, sighting.place.platform, sighting.place.name, mark.number, sighting.at.milliseconds,
                    answer,
                ])
            if before?.0.answer != sighting.answer { changes.kinds.append(.reset) }
        }
    }

    package func standing(app: String, target: Target, at now: Timestamp) async throws -> Standing {
        try await look { try $0.standing(app: app, target: target, at: now) }
    }

    package func wayBack(app: String, target: Target, at now: Timestamp) async throws -> Release? {
        try await look { try $0.wayBack(app: app, target: target, at: now) }
    }
}

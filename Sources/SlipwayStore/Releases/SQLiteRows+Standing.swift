import Foundation
import GRDB
import SlipwayBase
import SlipwayCore

/// The rows by which is known what a platform runs.
extension SQLiteRows {
    func release(by job: JobID, app: String, target: String) throws -> Release? {
        try db.row(
            """
            SELECT * FROM releases INDEXED BY releases_by_job
            WHERE job = ? AND app = ? AND target = ? ORDER BY id DESC LIMIT 1
            """, [job, app, target]
        ).map(Release.init(row:))
    }

    func madeRelease(_ id: String, at place: Place) throws -> Release? {
        try db.row(
            "SELECT * FROM made_releases WHERE platform = ? AND place = ? AND release = ?",
            [place.platform, place.name, id]
        ).map(Release.init(row:))
    }

    func release(ofImage digits: String, app: String, preferring target: String) throws -> Release? {
        // Behind them come further hexadecimal digits, all of which are less than `g`.
        let first = "sha256:" + digits
        for table in ["releases", "made_releases"] {
            let row = try db.row(
                """
                SELECT * FROM \(table) INDEXED BY \(table)_by_image WHERE app = ? AND image >= ? AND image < ?
                ORDER BY target <> ?, id DESC LIMIT 1
                """, [app, first, first + "g", target])
            if let row { return try Release(row: row) }
        }
        return nil
    }

    func sighting(app: String, target: String) throws -> (Sighting, SightingMark)? {
        try db.row("SELECT * FROM sightings WHERE app = ? AND target = ?", [app, target]).map {
            (try Sighting(row: $0), SightingMark(number: $0["mark"]))
        }
    }

    func mark(of place: Place) throws -> SightingMark {
        let newest: Int64? = try db.row(
            "SELECT max(id) FROM made_releases WHERE platform = ? AND place = ?", [place.platform, place.name])?[0]
        return SightingMark(number: newest ?? 0)
    }

    func runningJob(app: String, target: String) throws -> JobID? {
        try db.row(
            "SELECT id FROM jobs INDEXED BY jobs_running WHERE state = 'running' AND app = ? AND target = ?",
            [app, target])?[0]
    }

    func lastAttempt(app: String, target: String) throws -> Standing.Attempt? {
        func newest(_ state: Job.State) throws -> JobID? {
            try db.row(
                """
                SELECT id FROM jobs INDEXED BY jobs_by_target WHERE app = ? AND target = ? AND state = ?
                ORDER BY id DESC LIMIT 1
                """, [app, target, state.rawValue])?[0]
        }
        let (good, bad) = (try newest(.succeeded), try newest(.failed))
        if let bad, bad > good ?? 0 { return Standing.Attempt(job: bad, failed: true) }
        return good.map { Standing.Attempt(job: $0, failed: false) }
    }
}

extension Sighting {
    init(row: Row) throws {
        let text: String = row["answer"]
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(text.utf8)) else {
            throw StoreError.unreadable(table: "sightings", column: "answer", value: text)
        }
        self.init(
            at: Timestamp(milliseconds: row["seen_at"]), of: Place(platform: row["platform"], name: row["place"]),
            answer)
    }
}

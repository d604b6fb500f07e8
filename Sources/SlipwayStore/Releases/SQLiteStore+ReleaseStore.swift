import GRDB
import SlipwayBase
package import SlipwayCore

extension SQLiteStore: ReleaseStore {
    package func image(app: String, commit: CommitID, recipe: String) async throws -> String? {
        try await read { db in
            try db.row(
                "SELECT image FROM images WHERE app = ? AND commit_id = ? AND recipe = ?",
                [app, commit.description, recipe])?["image"]
        }
    }

    package func record(image: String, app: String, commit: CommitID, recipe: String, job: JobID) async throws {
        try await write("record image") { db, _ in
            try db.run(
                """
                INSERT OR REPLACE INTO images (app, commit_id, recipe, image, job, built_at) VALUES (?, ?, ?, ?, ?, ?)
                """,
                [app, commit.description, recipe, image, job, Timestamp.now().milliseconds])
        }
    }

    package func record(_ release: Release) async throws {
        try await write("record release") { db, changes in
            let known = try db.row(
                "SELECT 1 FROM releases WHERE app = ? AND target = ? AND job = ? AND version = ?",
                [release.app, release.target, release.job, release.version])
            guard known == nil else { return }
            try db.run(
                """
                INSERT INTO releases (app, target, job, commit_id, image, manifest, version, since)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    release.app, release.target, release.job, release.commit.description, release.image,
                    release.manifest, release.version, release.since.milliseconds,
                ])
            try db.run(
                """
                UPDATE failed_releases SET followed_by = ?
                WHERE app = ? AND target = ? AND image = ? AND followed_by IS NULL
                """,
                [db.lastInsertedRowID, release.app, release.target, release.image])
            // What is live is shown beside the job's target.
            changes.job(release.job)
        }
    }

    package func live(app: String, target: String) async throws -> Release? {
        try await look { try $0.live(app: app, target: target) }
    }

    package func previousRelease(app: String, target: String) async throws -> Release? {
        try await look { try $0.previousRelease(app: app, target: target) }
    }

    package func release(by job: JobID, app: String, target: String) async throws -> Release? {
        try await read { db in
            let row = try db.row(
                """
                SELECT * FROM releases INDEXED BY releases_by_job
                WHERE job = ? AND app = ? AND target = ? ORDER BY id DESC LIMIT 1
                """, [job, app, target])
            return try row.map(Release.init(row:))
        }
    }

    package func ref(of job: JobID) async throws -> String? {
        try await read { db in try db.row("SELECT ref FROM jobs WHERE id = ?", [job])?["ref"] }
    }

    package func jobThatDeployed(_ commit: CommitID, app: String, target: String) async throws -> JobID? {
        try await look { try $0.rows.newestRelease(app: app, target: target)?.jobThatDeployed(commit) }
    }

    package func failedReleases(of image: String, app: String, target: String) async throws -> Int {
        try await read { db in
            try db.row(
                """
                SELECT count(*) FROM failed_releases WHERE app = ? AND target = ? AND image = ? AND followed_by IS NULL
                """, [app, target, image])?[0] ?? 0
        }
    }

    package func recordFailedRelease(of image: String, app: String, target: String, job: JobID) async throws {
        try await write("record failed release") { db, _ in
            try db.run(
                "INSERT INTO failed_releases (app, target, image, job, failed_at) VALUES (?, ?, ?, ?, ?)",
                [app, target, image, job, Timestamp.now().milliseconds])
        }
    }

    package func isMigrated(_ migrated: Migrated, app: String, target: String, before job: JobID) async throws -> Bool {
        try await read { db in
            let last = try db.row(
                """
                SELECT image, commit_id, command FROM migrations WHERE app = ? AND target = ? AND job <> ?
                ORDER BY id DESC LIMIT 1
                """, [app, target, job])
            guard let last else { return false }
            return last["image"] == migrated.image
                || (last["commit_id"] == migrated.commit.description && last["command"] == migrated.command)
        }
    }

    package func record(_ migrated: Migrated, app: String, target: String, job: JobID) async throws {
        try await write("record migration") { db, _ in
            try db.run(
                """
                INSERT INTO migrations (app, target, image, commit_id, command, job, migrated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    app, target, migrated.image, migrated.commit.description, migrated.command, job,
                    Timestamp.now().milliseconds,
                ])
        }
    }
}

extension Release {
    init(row: Row) throws {
        let text: String = row["commit_id"]
        guard let commit = CommitID(text) else {
            throw StoreError.unreadable(table: "releases", column: "commit_id", value: text)
        }
        self.init(
            app: row["app"], target: row["target"], job: row["job"], commit: commit, image: row["image"],
            manifest: row["manifest"], version: row["version"], since: Timestamp(milliseconds: row["since"]))
    }
}

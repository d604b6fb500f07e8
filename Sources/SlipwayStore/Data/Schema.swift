import GRDB

/// The database's versions. A migration that has been released is never edited: a change is a new one at the end.
enum Schema {
    /// Migration `n` takes a database from version `n - 1` to `n`; the version is SQLite's `user_version`.
    static let migrations: [Migration] = [
        .sql(version1), .sql(version2), .sql(version3), .sql(version4), .sql(version5), .sql(version6), .sql(version7),
        .sql(version8), .code(JournalInWords.migrate), .sql(version10),
    ]

    enum Migration: Sendable {
        case sql(String)
        /// For what SQL cannot say. It stays what it was when it was released, so it uses no type that may change.
        case code(@Sendable (Database) throws -> Void)
    }

    static func migrate(_ db: Database, path: String) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= migrations.count else {
            throw StoreError.newerDatabase(path: path, version: version, supported: migrations.count)
        }
        for number in version..<migrations.count {
            do {
                try db.inTransaction(.immediate) {
                    switch migrations[number] {
                    case .sql(let statements): try db.execute(sql: statements)
                    case .code(let migrate): try migrate(db)
                    }
                    // Part of the transaction, as everything in the file's header is.
                    try db.execute(sql: "PRAGMA user_version = \(number + 1)")
                    return .commit
                }
            } catch {
                throw StoreError.migrationFailed(path: path, number: number + 1, reason: "\(error)")
            }
        }
    }

    private static let version1 = """
        CREATE TABLE deliveries (
            id INTEGER PRIMARY KEY,
            guid TEXT NOT NULL UNIQUE,
            source TEXT NOT NULL,
            event TEXT NOT NULL,
            headers TEXT NOT NULL, -- `name: value`, a line each
            received_at INTEGER NOT NULL, -- times are milliseconds since 1970
            segment INTEGER NOT NULL, -- where the body is: file, first byte, bytes, CRC-32
            offset INTEGER NOT NULL,
            length INTEGER NOT NULL,
            checksum INTEGER NOT NULL,
            -- By OR: of a longer IN, SQLite makes a table, for each row that is written.
            decision TEXT NOT NULL CHECK (decision = 'plans' OR decision = 'ignored' OR decision = 'pong'),
            reason TEXT
        ) STRICT;
        -- By id they stand in the order in which they came, and so do their bodies: neither needs an index.

        CREATE TABLE repositories (
            id INTEGER PRIMARY KEY, -- GitHub's
            name TEXT NOT NULL,
            app TEXT NOT NULL
        ) STRICT;

        -- AUTOINCREMENT: a number that people have seen never names another job.
        CREATE TABLE jobs (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            app TEXT NOT NULL,
            target TEXT,
            trigger_kind TEXT NOT NULL,
            ref TEXT NOT NULL,
            delivery TEXT NOT NULL,
            triggered_by TEXT,
            commit_id TEXT,
            commit_message TEXT NOT NULL,
            commit_author TEXT,
            fresh INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (
                state = 'queued' OR state = 'running' OR state = 'succeeded' OR state = 'failed' OR state = 'cancelled'
                OR state = 'superseded'),
            reason TEXT,
            priority INTEGER NOT NULL,
            supersedable INTEGER NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0, -- how often it was begun since its last step ended
            successor INTEGER REFERENCES jobs(id) ON DELETE SET NULL,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER
        ) STRICT;
        -- The few jobs that matter to a claim or a join are apart from the many that have ended. `state` is in the
        -- indexes so that a claim need not look at the rows. A query that names such an index repeats the index's WHERE,
        -- even beside a narrower one of its own: SQLite does not see that one implies the other.
        CREATE INDEX jobs_queued ON jobs(priority DESC, id, app, target, state) WHERE state = 'queued';
        CREATE INDEX jobs_running ON jobs(app, target, state) WHERE state = 'running';
        CREATE INDEX jobs_active ON jobs(app, ref, target) WHERE state IN ('queued', 'running');
        CREATE INDEX jobs_by_state ON jobs(state, id);
        CREATE INDEX jobs_by_target ON jobs(app, target, id);
        CREATE INDEX jobs_by_successor ON jobs(successor) WHERE successor IS NOT NULL;

        CREATE TABLE delivery_jobs (
            delivery INTEGER NOT NULL REFERENCES deliveries(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
            joined INTEGER NOT NULL,
            PRIMARY KEY (delivery, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX delivery_jobs_by_job ON delivery_jobs(job);

        CREATE TABLE steps (
            job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            state TEXT NOT NULL,
            reason TEXT,
            started_at INTEGER,
            finished_at INTEGER,
            PRIMARY KEY (job, position),
            UNIQUE (job, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE effects (
            id INTEGER PRIMARY KEY,
            job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
            attempt INTEGER NOT NULL,
            step TEXT NOT NULL,
            kind TEXT NOT NULL,
            nonce TEXT NOT NULL,
            intent TEXT NOT NULL,
            begun_at INTEGER NOT NULL,
            outcome TEXT, -- NULL: begun, and nobody knows how it ended
            ended_at INTEGER
        ) STRICT;
        CREATE INDEX effects_by_job ON effects(job, attempt);

        CREATE TABLE images (
            app TEXT NOT NULL,
            commit_id TEXT NOT NULL,
            recipe TEXT NOT NULL,
            image TEXT NOT NULL,
            job INTEGER NOT NULL,
            built_at INTEGER NOT NULL,
            PRIMARY KEY (app, commit_id, recipe)
        ) STRICT, WITHOUT ROWID;

        -- What is live outlives the job that brought it there, so no job is referred to.
        CREATE TABLE releases (
            id INTEGER PRIMARY KEY,
            app TEXT NOT NULL,
            target TEXT NOT NULL,
            job INTEGER NOT NULL,
            commit_id TEXT NOT NULL,
            image TEXT NOT NULL,
            version INTEGER NOT NULL,
            since INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX releases_by_target ON releases(app, target, id);

        -- Apart from releases: a database is migrated even if the release it was migrated for never answered.
        CREATE TABLE migrations (
            id INTEGER PRIMARY KEY,
            app TEXT NOT NULL,
            target TEXT NOT NULL,
            image TEXT NOT NULL,
            job INTEGER NOT NULL,
            migrated_at INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX migrations_by_target ON migrations(app, target, id);

        CREATE TABLE failed_releases (
            id INTEGER PRIMARY KEY,
            app TEXT NOT NULL,
            target TEXT NOT NULL,
            image TEXT NOT NULL,
            job INTEGER NOT NULL,
            failed_at INTEGER NOT NULL,
            followed_by INTEGER REFERENCES releases(id) -- the release that brought this image live after all
        ) STRICT;
        CREATE INDEX failed_releases_open ON failed_releases(app, target, image) WHERE followed_by IS NULL;
        """

    private static let version2 = """
        CREATE TABLE queue_pause (
            id INTEGER PRIMARY KEY CHECK (id = 1), -- there is one queue
            paused_by TEXT NOT NULL,
            since INTEGER NOT NULL
        ) STRICT;
        """

    private static let version3 = """
        CREATE TABLE target_locks (
            app TEXT NOT NULL,
            target TEXT NOT NULL,
            locked_by TEXT NOT NULL,
            reason TEXT NOT NULL,
            since INTEGER NOT NULL,
            PRIMARY KEY (app, target)
        ) STRICT, WITHOUT ROWID;

        -- As what is live, a pause outlives the job that brought it, so no job is referred to.
        CREATE TABLE target_pauses (
            app TEXT NOT NULL,
            target TEXT NOT NULL,
            paused_by TEXT NOT NULL,
            rollback INTEGER, -- the job; NULL: somebody asked for the pause itself
            since INTEGER NOT NULL,
            PRIMARY KEY (app, target)
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE releases ADD COLUMN manifest TEXT;
        CREATE INDEX releases_by_job ON releases(job);
        """

    private static let version4 = """
        -- How many jobs in a row gave way before this one.
        ALTER TABLE jobs ADD COLUMN supersessions INTEGER NOT NULL DEFAULT 0;
        -- The job that began a release after this one and came to no good end: nobody knows what it left there.
        ALTER TABLE releases ADD COLUMN doubted_by INTEGER;
        """

    private static let version5 = """
        -- Where each branch and tag was last seen, watched or not: a target that is configured later finds nothing new.
        CREATE TABLE tips (
            app TEXT NOT NULL,
            ref TEXT NOT NULL,
            commit_id TEXT NOT NULL,
            seen_at INTEGER NOT NULL,
            PRIMARY KEY (app, ref)
        ) STRICT, WITHOUT ROWID;

        -- The apps whose repository was looked at, and which it was: deliveries alone do not tell all its tips.
        CREATE TABLE looks (
            app TEXT NOT NULL PRIMARY KEY,
            repository TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE hook_looks (
            app TEXT NOT NULL,
            hook INTEGER NOT NULL, -- GitHub's numbers, these two
            delivery INTEGER NOT NULL,
            PRIMARY KEY (app, hook)
        ) STRICT, WITHOUT ROWID;
        """

    private static let version6 = """
        ALTER TABLE jobs ADD COLUMN cancel_reason TEXT; -- of a running one that was told to stop
        -- An image that was built anew has the same migration.
        ALTER TABLE migrations ADD COLUMN commit_id TEXT;
        ALTER TABLE migrations ADD COLUMN command TEXT;
        -- By target, so that a claim looks once at each target and not at each job that waits there.
        CREATE INDEX jobs_waiting ON jobs(app, target, priority DESC, id) WHERE state = 'queued';
        -- What waits and what runs has indexes of its own: a job that comes in is written to one index less.
        DROP INDEX jobs_by_state;
        CREATE INDEX jobs_ended ON jobs(state, id) WHERE state <> 'queued' AND state <> 'running';
        -- With the state, so that the last failure of a target is at hand, however long ago it was.
        DROP INDEX jobs_by_target;
        CREATE INDEX jobs_by_target ON jobs(app, target, state, id);
        """

    private static let version7 = """
        -- Browser sessions that were ended before they expire. They are kept nowhere: this is what is random in them.
        CREATE TABLE ended_sessions (
            session TEXT NOT NULL PRIMARY KEY,
            expires_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    private static let version8 = """
        ALTER TABLE steps ADD COLUMN detail TEXT; -- JSON, a list of lines quoted from the log
        """

    private static let version10 = """
        -- By forge and number: a number alone may be another repository's at another forge.
        ALTER TABLE repositories RENAME TO numbered_repositories;
        CREATE TABLE repositories (
            forge TEXT NOT NULL,
            number INTEGER NOT NULL,
            name TEXT NOT NULL,
            app TEXT NOT NULL,
            PRIMARY KEY (forge, number)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO repositories SELECT 'github', id, name, app FROM numbered_repositories;
        DROP TABLE numbered_repositories;
        UPDATE looks SET repository = 'github:' || repository;
        """
}

import Dispatch
import GRDB
package import Logging
import SlipwayBase
package import SlipwayCore
import Synchronization

/// Deliveries, jobs, steps, effects and releases in one SQLite database, bodies in files beside it.
///
/// One connection writes, on its own serial queue; readers are a pool that sees the last commit. Nothing here blocks
/// the caller's thread, and a write is stored even if the task that asks for it is cancelled: a job that is being
/// stopped still has to say so.
package final class SQLiteStore: Sendable {
    /// In a folder a pool of connections; in memory the one connection, which reads and writes in turn.
    let database: any DatabaseWriter
    let feed: Feed
    let logger: Logger
    let work = WorkSignal()
    let bodies: any Bodies
    let waiting = DeliveryGroup()
    let checkpoint = Checkpoint()
    let commits = Atomic<UInt64>(0)
    /// Whether the disk refused the last write that came to it.
    let isRefused = Atomic<Bool>(false)
    /// As they stand in the table, of those that were written in this run.
    let repositories = Mutex<[Repository.ID: SavedRepository]>([:])

    /// Opens `slipway.db` and `deliveries/` in a data folder, making what is not there and migrating what is old.
    ///
    /// Hold the folder's `DataFolderLock` before: two writers would be two servers.
    /// - Parameters:
    ///   - feed: gets every change of a job or step, after it is on disk.
    ///   - logger: takes one line for each job that begins, and one for each that ends.
    package static func open(
        at folder: String, feed: Feed, logger: Logger = Logger(label: "slipway") { _ in SwiftLogNoOpLogHandler() }
    ) async throws(StoreError) -> SQLiteStore {
        let result: Result<SQLiteStore, StoreError> = await withCheckedContinuation { continuation in
            // Opening blocks, migrations for long: on a thread of its own, for the global queues' are those that all
            // tasks share.
            DispatchQueue(label: "slipway.store.opening").async {
                continuation.resume(
                    returning: Result { () throws(StoreError) in
                        try SQLiteStore(folder: folder, feed: feed, logger: logger)
                    })
            }
        }
        return try result.get()
    }

    private convenience init(folder: String, feed: Feed, logger: Logger) throws(StoreError) {
        try DataFolder.make(folder)
        let path = folder + "/slipway.db"
        // SQLite gives its other files the database's permissions.
        _ = try File(path, .writing)
        try DataFolder.sync(folder)
        var configuration = Self.configuration
        // Nobody else writes; a checkpoint by `sqlite3` or a backup may still hold the lock for a moment.
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 3
        configuration.prepareDatabase { db in
            // 512 KiB of pages for each reader, a quarter of the usual: what they ask for is small, and the kernel keeps
            // the file's pages for all of them together.
            if db.configuration.readonly { try db.execute(sql: "PRAGMA cache_size = -512") }
        }
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // After opening, because GRDB sets NORMAL with WAL: a commit would then survive a crash of ours, but
                // not a loss of power, and a delivery that was answered 202 would be gone.
                try db.execute(sql: "PRAGMA synchronous = FULL")
                try Checkpoint.takeOver(db)
                try Schema.migrate(db, path: path)
            }
            let end = try pool.read { db in
                try Row.fetchOne(
                    db,
                    sql: "SELECT segment, offset + length FROM deliveries ORDER BY id DESC LIMIT 1")
            }
            let bodies = try BodyFiles(folder: folder + "/deliveries", segment: end?[0] ?? 1, end: end?[1] ?? 0)
            self.init(pool, bodies, feed: feed, logger: logger)
        } catch let error as StoreError {
            throw error
        } catch {
            throw .cannotOpen(path: path, reason: "\(error)")
        }
    }

    init(_ database: any DatabaseWriter, _ bodies: any Bodies, feed: Feed, logger: Logger) {
        self.database = database
        self.bodies = bodies
        self.feed = feed
        self.logger = logger
    }

    static var configuration: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.label = "slipway.store"
        configuration.foreignKeysEnabled = true
        return configuration
    }

    /// Closes the database's files; every later call throws. The deinitialiser does it too.
    package func close() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // It waits for every reader and writer, so not on a thread that these may need.
            DispatchQueue(label: "slipway.store.closing").async { [database] in
                continuation.resume(with: Result { try database.close() })
            }
        }
    }

    /// How the writing connection is set, as SQLite itself reports it.
    package func settings() async throws -> (journal: String, synchronous: Int, foreignKeys: Bool, version: Int) {
        try await write { db, _ in
            (
                try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
                try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1,
                try Bool.fetchOne(db, sql: "PRAGMA foreign_keys") ?? false,
                try Int.fetchOne(db, sql: "PRAGMA user_version") ?? -1
            )
        }
    }
}

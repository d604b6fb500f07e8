import GRDB
import Synchronization

/// Moves what was committed from the write-ahead log into the database, after those who waited for a commit have been
/// answered: SQLite's own checkpoints run inside a commit, and somebody waits for each.
///
/// On the writer's connection, the only one that writes or checkpoints.
final class Checkpoint: Sendable {
    /// Changes after which it is worth it. A change is a handful of pages, and most of them are the same few.
    private static let due = 128
    /// After which it is done even while others wait, so that the log stays bounded, and small enough to be written to
    /// the same part of memory again and again.
    private static let overdue = 8192

    private let changes = Atomic<Int>(0)

    /// Before the first commit: checkpoints are ours from here on.
    static func takeOver(_ db: Database) throws { try db.execute(sql: "PRAGMA wal_autocheckpoint = 0") }

    /// After a commit, on the writer's queue.
    /// - Parameters:
    ///   - changes: of how many callers it was.
    ///   - isBusy: whether others wait to be stored.
    func committed(_ db: Database, changes: Int, isBusy: Bool) {
        let count = self.changes.add(changes, ordering: .relaxed).newValue
        guard count >= (isBusy ? Self.overdue : Self.due) else { return }
        self.changes.store(0, ordering: .relaxed)
        // A failure (a reader that is long about it, a full disk) leaves it to the next one; nothing is lost by it.
        _ = try? db.checkpoint(.passive)
    }
}

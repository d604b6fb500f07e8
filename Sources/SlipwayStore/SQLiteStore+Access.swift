import GRDB
import SlipwayCore
import Synchronization

extension SQLiteStore {
    /// Runs in one transaction on the writer's queue.
    ///
    /// By `asyncWrite` and a continuation, because GRDB's `try await write` checks for cancellation first and would
    /// drop the last words of a cancelled job.
    /// - Parameter point: of the journal, for the crash test.
    func write<Value: Sendable>(
        _ point: String? = nil, _ updates: @escaping @Sendable (Database, inout Changes) throws -> Value
    ) async throws -> Value {
        if let point { KillPoint.pass("before " + point) }
        defer { if let point { KillPoint.pass("after " + point) } }
        return try await withCheckedThrowingContinuation { continuation in
            database.asyncWrite { db in
                var changes = Changes()
                let value = try updates(db, &changes)
                return (value, changes)
            } completion: { [self] db, result in
                switch result {
                case .success((_, let changes)): publish(changes)
                case .failure(let error): note(error)
                }
                continuation.resume(with: result.map { $0.0 }.mapError(StoreError.translate))
                checkpoint.committed(db, changes: 1, isBusy: false)
            }
        }
    }

    /// Sees the last commit. Throws `CancellationError` in a cancelled task: nobody waits for the answer.
    func read<Value: Sendable>(_ value: @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            // The one connection in memory has nobody beside it. To make it read-only for each look, and back again, would
            // have SQLite compile every statement once more.
            if database is DatabaseQueue { return try await database.unsafeRead(value) }
            return try await database.read(value)
        } catch {
            throw StoreError.translate(error)
        }
    }

    /// As `write`, of one of the rules' transactions.
    func decide<Value: Sendable>(
        _ point: String? = nil,
        _ body: @escaping @Sendable (inout QueueTransaction<SQLiteRows>) throws -> Value
    ) async throws -> Value {
        try await write(point) { db, changes in
            var transaction = QueueTransaction(SQLiteRows(db: db))
            let value = try body(&transaction)
            changes = transaction.changes
            return value
        }
    }

    /// As `read`, of what the rules say of the rows.
    func look<Value: Sendable>(_ body: @Sendable (QueueTransaction<SQLiteRows>) throws -> Value) async throws -> Value {
        try await read { db in try body(QueueTransaction(SQLiteRows(db: db))) }
    }

    /// On the writer's queue, so that listeners hear of changes in the order of the commits.
    func publish(_ changes: Changes) {
        commits.add(1, ordering: .releasing)
        isRefused.store(false, ordering: .relaxed)
        for kind in changes.kinds { feed.publish(kind) }
        for job in changes.moved { logger.tell(of: job) }
        if changes.signalsWork { work.signal() }
    }
}

extension SQLiteStore {
    /// Takes down what kept a transaction from being stored, where that was the disk.
    func note(_ error: any Error) {
        switch error {
        case StoreError.file: break
        case let error as DatabaseError
        where [.SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN].contains(error.resultCode): break
        default: return
        }
        isRefused.store(true, ordering: .relaxed)
    }

    /// Why nothing can be stored now, in words; nil: it can. Where the last write was refused it is tried again, for who
    /// asks may be who keeps the next one away.
    package func refusal() async -> String? {
        guard isRefused.load(ordering: .relaxed) else { return nil }
        do {
            try await write { db, _ in
                // A page is written, and what it says stays the same.
                let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
                try db.execute(sql: "PRAGMA user_version = \(version)")
            }
            return nil
        } catch {
            return "nothing can be stored now: \(error)"
        }
    }
}

extension StoreError {
    /// GRDB's errors in our words; the rules', ours and `CancellationError` stay what they are.
    static func translate(_ error: any Error) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        // Without the statement's arguments, which are other people's text.
        return StoreError.database(code: error.extendedResultCode.rawValue, reason: error.message ?? "no reason given")
    }
}

extension Database {
    /// Changes rows by a statement that is compiled once.
    func run(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func row(_ sql: String, _ arguments: StatementArguments = []) throws -> Row? {
        try Row.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }
}

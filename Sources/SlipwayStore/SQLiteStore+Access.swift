import GRDB
import SlipwayCore
import Synchronization

/// What a transaction changed, told to listeners once it is on disk.
struct Changes: Sendable {
    var kinds: [Feed.Kind] = []
    /// Whether a claim may now find what the last one did not.
    var bringsWork = false
    /// By GitHub's number.
    var repositories: [Int64: SavedRepository] = [:]

    mutating func job(_ id: JobID) { kinds.append(.job(id)) }
    mutating func step(_ id: JobID, _ name: Step.Name) { kinds.append(.step(id, name)) }
}

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
            pool.asyncWrite { db in
                var changes = Changes()
                let value = try updates(db, &changes)
                return (value, changes)
            } completion: { [self] db, result in
                if case .success((_, let changes)) = result { publish(changes) }
                continuation.resume(with: result.map { $0.0 }.mapError(StoreError.translate))
                checkpoint.committed(db, changes: 1, isBusy: false)
            }
        }
    }

    /// Sees the last commit. Throws `CancellationError` in a cancelled task: nobody waits for the answer.
    func read<Value: Sendable>(_ value: @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(value)
        } catch {
            throw StoreError.translate(error)
        }
    }

    /// On the writer's queue, so that listeners hear of changes in the order of the commits.
    func publish(_ changes: Changes) {
        commits.add(1, ordering: .releasing)
        if !changes.repositories.isEmpty {
            repositories.withLock { $0.merge(changes.repositories) { $1 } }
        }
        for kind in changes.kinds { feed.publish(kind) }
        if changes.bringsWork { work.signal() }
    }
}

extension StoreError {
    /// GRDB's errors in our words; ours and `CancellationError` stay what they are.
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

import GRDB
import SlipwayBase
package import SlipwayCore
import Synchronization

extension SQLiteStore: DeliveryStore {
    package nonisolated(nonsending) func record(
        _ delivery: Delivery, _ decision: Decision, repository: Repository?
    ) async throws -> Receipt {
        // Before the writer's queue, where everybody else would wait for it.
        let checksum = try delivery.body.withBytes(CRC32.checksum)
        return try await withCheckedThrowingContinuation { continuation in
            let entry = DeliveryGroup.Entry(
                delivery: delivery, decision: decision, repository: repository, checksum: checksum,
                answer: continuation)
            if waiting.add(entry) { commitNextGroup() }
        }
    }

    package func app(of repository: Repository.ID) async throws -> String? {
        try await read { db in
            try db.row(
                "SELECT app FROM repositories WHERE forge = ? AND number = ?",
                [repository.forge.rawValue, repository.number])?["app"]
        }
    }

    /// A recorded body, or nil when the delivery is unknown.
    package func body(delivery guid: String) async throws -> [UInt8]? {
        let bodies = bodies
        return try await read { db in
            let row = try db.row("SELECT segment, offset, length, checksum FROM deliveries WHERE guid = ?", [guid])
            return try row.map { try bodies.read(BodyPlace($0), delivery: guid) }
        }
    }

    private func commitNextGroup() {
        database.asyncWriteWithoutTransaction { [self] db in
            let (group, remain) = waiting.take()
            // One group at a time: a claim that waits for the writer gets its turn between two.
            if remain { commitNextGroup() }
            for (entry, outcome) in zip(group, outcomes(of: group, db)) {
                entry.answer.resume(with: outcome.mapError(StoreError.translate))
            }
            checkpoint.committed(db, changes: group.count, isBusy: remain)
        }
    }

    /// In one commit for speed, because each waits for the disk; where that fails each in one of its own, so that a delivery that cannot be stored takes no
    /// other one with it.
    private func outcomes(of group: [DeliveryGroup.Entry], _ db: Database) -> [Result<Receipt, any Error>] {
        do {
            return try commit(group, db).map { .success($0) }
        } catch {
            note(error)
            guard group.count > 1 else { return [.failure(error)] }
            return group.map { entry in Result { try commit([entry], db)[0] } }
        }
    }

    private func commit(_ group: [DeliveryGroup.Entry], _ db: Database) throws -> [Receipt] {
        KillPoint.pass("before record deliveries")
        defer { KillPoint.pass("after record deliveries") }
        let start = try bodies.beginGroup()
        var receipts: [Receipt] = []
        var transaction = QueueTransaction(SQLiteRows(db: db))
        var saved: [Repository.ID: SavedRepository] = [:]
        do {
            try db.inTransaction(.immediate) {
                for entry in group { receipts.append(try record(entry, &transaction, &saved)) }
                try bodies.sync()
                return .commit
            }
        } catch {
            bodies.rewind(to: start)
            throw error
        }
        repositories.withLock { [saved] in $0.merge(saved) { $1 } }
        publish(transaction.changes)
        return receipts
    }

    private func record(
        _ entry: DeliveryGroup.Entry, _ transaction: inout QueueTransaction<SQLiteRows>,
        _ saved: inout [Repository.ID: SavedRepository]
    ) throws -> Receipt {
        let db = transaction.rows.db
        let end = bodies.end
        let place = try bodies.append(entry.delivery.body, checksum: entry.checksum)
        var delivery = try insert(entry, place, db)
        if delivery == nil {
            if let receipt = try known(entry.delivery.guid, db) {
                bodies.rewind(to: end)
                return receipt
            }
            // It was ignored. That is decided again when it comes again, because the configuration may have changed.
            try db.run("DELETE FROM deliveries WHERE guid = ?", [entry.delivery.guid])
            delivery = try insert(entry, place, db)
        }
        guard case .plans(let plans) = entry.decision, !plans.isEmpty, let delivery else {
            return entry.decision.receiptWithoutJobs
        }
        if let repository = entry.repository { try save(repository, of: plans[0].app, db, &saved) }
        try noteTips(of: plans, at: entry.delivery.receivedAt, db)
        var jobs: [Job] = []
        var isNew = false
        for (position, plan) in plans.enumerated() {
            let (job, isOurs) = try transaction.enqueue(plan, at: entry.delivery.receivedAt)
            try db.run(
                "INSERT INTO delivery_jobs (delivery, position, job, joined) VALUES (?, ?, ?, ?)",
                [delivery, position, job.id, !isOurs])
            jobs.append(job)
            isNew = isNew || isOurs
        }
        return isNew ? .queued(jobs) : .joined(jobs)
    }

    /// - Returns: the row's id; nil when there is a delivery of that GUID.
    private func insert(_ entry: DeliveryGroup.Entry, _ place: BodyPlace, _ db: Database) throws -> Int64? {
        let delivery = entry.delivery
        try db.run(
            """
            INSERT INTO deliveries
                (source, event, headers, received_at, segment, offset, length, checksum, decision, reason, guid)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (guid) DO NOTHING
            """,
            [
                delivery.source.rawValue, delivery.event,
                delivery.headers.map { "\($0.name): \($0.value)\n" }.joined(), delivery.receivedAt.milliseconds,
                place.segment, place.offset, place.length, Int64(place.checksum), entry.decision.word,
                entry.decision.reason, delivery.guid,
            ])
        return db.changesCount == 1 ? db.lastInsertedRowID : nil
    }

    /// The answer to a delivery that came before and has its jobs.
    private func known(_ guid: String, _ db: Database) throws -> Receipt? {
        guard let known = try db.row("SELECT id, decision FROM deliveries WHERE guid = ?", [guid]),
            known["decision"] == "plans"
        else { return nil }
        let ids = try db.rows("SELECT job FROM delivery_jobs WHERE delivery = ? ORDER BY position", [known["id"]])
        return .duplicate(try Job.fetch(ids.map { $0["job"] }, db))
    }

    private func save(
        _ repository: Repository, of app: String, _ db: Database, _ saved: inout [Repository.ID: SavedRepository]
    ) throws {
        guard let id = repository.id else { return }
        let row = SavedRepository(name: repository.fullName, app: app)
        guard (saved[id] ?? repositories.withLock { $0[id] }) != row else { return }
        try db.run(
            """
            INSERT INTO repositories (forge, number, name, app) VALUES (?, ?, ?, ?)
            ON CONFLICT (forge, number) DO UPDATE SET name = excluded.name, app = excluded.app
            """,
            [id.forge.rawValue, id.number, row.name, row.app])
        saved[id] = row
    }
}

/// A row of `repositories`.
struct SavedRepository: Sendable, Equatable {
    var name: String
    var app: String
}

extension BodyPlace {
    init(_ row: Row) {
        self.init(
            segment: row["segment"], offset: row["offset"], length: row["length"],
            checksum: UInt32(truncatingIfNeeded: row["checksum"] as Int64))
    }
}

extension Decision {
    fileprivate static let nothingToDo = "the decision names no job"

    /// A delivery without plans made no jobs, whatever the case says.
    fileprivate var word: String {
        switch self {
        case .plans(let plans): plans.isEmpty ? "ignored" : "plans"
        case .ignored: "ignored"
        case .pong: "pong"
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .plans(let plans): plans.isEmpty ? Self.nothingToDo : nil
        case .ignored(let reason): reason
        case .pong: nil
        }
    }

    fileprivate var receiptWithoutJobs: Receipt {
        if case .pong = self { return .pong }
        return .ignored(reason: reason ?? Self.nothingToDo)
    }
}

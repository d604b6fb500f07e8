package import SlipwayBase

/// What one transaction does to jobs: the rules, over the rows of whatever database there is.
///
/// It throws what its rows throw, and `QueueError`. Then the store rolls its transaction back, and what `changes` has is
/// told to nobody.
package struct QueueTransaction<Rows: QueueRows> {
    package let rows: Rows
    package var changes = Changes()

    package init(_ rows: Rows) {
        self.rows = rows
    }
}

/// A change of a job's state that the rules allow. Only `QueueTransaction.transition` makes one.
package struct Transition: Sendable {
    package let job: JobID
    package let from: Job.State
    package let to: Job.State
    package let reason: String?
    package let successor: JobID?
    package let time: Timestamp

    fileprivate init(of row: JobRow, to state: Job.State, reason: String?, successor: JobID?, at time: Timestamp) {
        job = row.id
        from = row.job.state
        to = state
        self.reason = reason
        self.successor = successor
        self.time = time
    }
}

extension QueueTransaction {
    /// Sets a job's state. Nothing else does, but for a store's claim, which finds and marks the job in one statement and
    /// then calls `moved`.
    ///
    /// - Parameter row: as it is now.
    /// - Throws: `QueueError.noWay` where `Job.State.next` does not lead there.
    package mutating func transition(
        _ row: JobRow, to state: Job.State, reason: String?, successor: JobID? = nil, at time: Timestamp = .now()
    ) throws {
        var job = row.job
        let transition = Transition(of: row, to: state, reason: reason, successor: successor, at: time)
        guard job.state.next.contains(state), try rows.move(transition) else {
            throw QueueError.noWay(row.id, from: job.state, to: state)
        }
        job.state = state
        job.reason = reason
        job.successor = successor
        if state.hasEnded { job.finishedAt = time }
        try moved(job)
    }

    /// Called within the transaction of every change of state, that of a new job to `queued` too, once the row says so.
    package mutating func moved(_ job: Job) throws {
        changes.moved.append(job)
        try wrote(job)
    }

    /// Gives a job the commit that the repository has under its ref: `JobQueue.resolve`.
    package mutating func resolve(_ id: JobID, to commit: Commit) throws {
        guard let row = try rows.job(id) else { throw QueueError.unknownJob(id) }
        try take(commit, as: row)
    }

    /// - Parameter row: as it is now.
    mutating func take(_ commit: Commit, as row: JobRow) throws {
        var job = row.job
        job.plan.commit = commit
        try rows.write(.commit(commit), of: row.id)
        try wrote(job)
    }

    /// Called within the transaction of every change of a job's state or commit, once the row says so. Here, and nowhere
    /// else, is what must be stored together with such a change: a row of an outbox, from which others are told, would be
    /// written here, and undone with the change if that cannot be stored.
    private mutating func wrote(_ job: Job) throws {
        changes.job(job.id)
    }
}

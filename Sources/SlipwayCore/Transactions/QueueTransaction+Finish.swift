import SlipwayBase

/// How a job ends.
extension QueueTransaction {
    /// Ends a running job; its target and its slot are free then.
    /// - Throws: `QueueError` where there is no such job, it does not run, or that is no end.
    package mutating func finish(_ job: JobID, as state: Job.State, reason: String?) throws {
        try end(try running(job), as: state, reason: reason)
        changes.signalsWork = true
    }

    /// Ends a running job as superseded by the one that has deployed what is at least as new.
    package mutating func finish(_ job: JobID, overtakenBy live: JobID, reason: String) throws {
        // What is live outlives the job that deployed it.
        let known = try rows.job(live)?.id
        try end(try running(job), as: .superseded, reason: reason, successor: known)
        changes.signalsWork = true
    }

    /// - Returns: false where the job is not queued any more, or never was.
    package mutating func cancelQueued(_ job: JobID, reason: String) throws -> Bool {
        guard let row = try rows.job(job), row.job.state == .queued else { return false }
        try end(row, as: .cancelled, reason: reason)
        return true
    }

    func running(_ job: JobID) throws -> JobRow {
        guard let row = try rows.job(job) else { throw QueueError.unknownJob(job) }
        guard row.job.state == .running else { throw QueueError.notRunning(job, row.job.state) }
        return row
    }

    /// Ends a job, with the steps that have not ended, and with what its end says of its target.
    mutating func end(_ row: JobRow, as state: Job.State, reason: String?, successor: JobID? = nil) throws {
        guard state.hasEnded else { throw QueueError.noWay(row.id, from: row.job.state, to: state) }
        let now = Timestamp.now()
        let steps = try rows.steps(of: row.id)
        for step in steps where !step.state.hasEnded {
            _ = try rows.write(step.ended(with: state, reason: reason, at: now), of: row.id)
            changes.step(row.id, step.name)
        }
        if let target = row.job.plan.target {
            let hasBegunRelease = steps.contains { $0.name.isPointOfNoReturn && $0.startedAt != nil }
            try leave(target, row.job, state, hasBegunRelease: hasBegunRelease, at: now)
        }
        try transition(row, to: state, reason: reason, successor: successor, at: now)
    }

    /// - Parameter hasBegunRelease: whether what is live may have changed by the job. By the time, because steps that never
    ///   began have an end too once their job has one.
    private mutating func leave(
        _ target: String, _ job: Job, _ state: Job.State, hasBegunRelease: Bool, at time: Timestamp
    ) throws {
        // What is live may no longer be what was.
        if state != .succeeded, hasBegunRelease {
            try rows.doubtNewestRelease(app: job.plan.app, target: target, after: job.id)
        }
        // In this transaction, or a push that waits would take the rollback's place before anybody looks.
        if job.plan.trigger.kind == .rollback, state == .succeeded || hasBegunRelease {
            let pause = Pause(by: job.plan.trigger.by ?? "someone", since: time, rollback: job.id)
            try rows.pause(app: job.plan.app, target: target, pause)
            changes.holds()
        }
    }
}

extension Step {
    /// As it is once its job has ended.
    fileprivate func ended(with state: Job.State, reason: String?, at time: Timestamp) -> Step {
        var step = self
        let isCancelled = state == .cancelled || state == .superseded
        guard step.state == .running else {
            step.state = isCancelled ? .cancelled : .skipped
            return step
        }
        // A step that its worker left running cannot outlast the job.
        step.state = isCancelled ? .cancelled : state == .succeeded ? .succeeded : .failed
        step.reason = step.reason ?? reason
        step.finishedAt = time
        return step
    }
}

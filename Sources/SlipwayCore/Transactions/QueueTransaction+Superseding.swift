import SlipwayBase

/// How a newer push takes the place of an older one; the rules are `Superseding`'s.
extension QueueTransaction {
    /// The pushes that wait in its lane give way to a new one.
    mutating func supersedeWaiting(for row: JobRow, at time: Timestamp) throws {
        let reason = Superseding.reason(row.job)
        let older = try rows.waitingPushes(in: row.job.plan.lane).filter { $0.id < row.id }
        for other in older {
            try transition(other, to: .superseded, reason: reason, successor: row.id, at: time)
        }
        try tookPlaces(of: older, row)
    }

    private mutating func tookPlaces(of others: [JobRow], _ row: JobRow) throws {
        guard !others.isEmpty else { return }
        let count = others.reduce(row.supersessions) { Superseding.count($0, takingPlaceOf: $1.supersessions) }
        try rows.write(.supersessions(count), of: row.id)
    }

    /// Those of these running jobs that are to give way, as far as the rows know.
    ///
    /// A worker knows best how far its job is; the steps are asked too for one that has been taken up again.
    package func supersessions(of jobs: [JobID]) throws -> [Supersession] {
        try rows.rivals(of: jobs).compactMap { row, rival in
            guard let rival, row.job.state == .running, row.isSupersedable,
                Superseding.givesWay(after: row.supersessions)
            else { return nil }
            var job = row.job
            job.steps = try rows.steps(of: row.id)
            return job.hasPassedPointOfNoReturn ? nil : Supersession(job: row.id, successor: rival)
        }
    }

    /// As `supersessions`; from now on nothing joins them.
    package mutating func noteSupersessions(of jobs: [JobID]) throws -> [Supersession] {
        let found = try supersessions(of: jobs)
        for supersession in found {
            try rows.write(.successor(supersession.successor), of: supersession.job)
            changes.job(supersession.job)
        }
        return found
    }

    /// Ends a running job as superseded by the newest push of its lane.
    package mutating func giveWay(_ job: JobID) throws {
        let row = try running(job)
        let newest = try rows.rivals(of: [job]).first?.rival
        // The one that it stopped for may have been cancelled since: then that was the newest, and stays so.
        let successor = try (newest ?? row.job.successor.map(last)).flatMap(rows.job)
        try end(
            row, as: .superseded, reason: successor.map { Superseding.reason($0.job) } ?? "a newer push came",
            successor: successor?.id)
        if let successor { try tookPlaces(of: [row], successor) }
        changes.signalsWork = true
    }

    /// Where a chain of superseded jobs ends. Each was linked to a job that had not ended, so it has an end.
    private func last(_ job: JobID) throws -> JobID {
        var id = job
        while let job = try rows.job(id)?.job, job.state == .superseded, let next = job.successor { id = next }
        return id
    }

    /// Moves a job that follows its branch to the branch's tip: `JobQueue.follow`.
    package mutating func follow(_ job: JobID, to tip: Commit, joins: Int) throws -> Int? {
        guard let row = try rows.job(job), let commit = tip.id else { throw QueueError.unknownJob(job) }
        let plan = row.job.plan
        if plan.commit.id != commit {
            let now = try rows.joins(of: job)
            guard now == joins else { return now }
            try forgetTip(of: plan)
        }
        try take(tip, as: row)
        // A job that is about to give way deploys nothing any more.
        guard row.job.successor == nil else { return nil }
        // One that has taken others' places stays: their pushes may have come after the tip was seen, and deliveries
        // come in any order.
        let others = try rows.waitingPushes(in: plan.lane).filter {
            $0.job.plan.commit.id == commit && $0.supersessions == 0
        }
        for other in others {
            try transition(
                other, to: .superseded,
                reason: "job \(job) has this commit already: it was the branch's tip when that job started",
                successor: job)
        }
        try tookPlaces(of: others, row)
        return nil
    }

    /// The repository does not show what a delivery said of a job's ref: `JobQueue.forgetTip`.
    package func forgetTip(of job: JobID) throws {
        guard let row = try rows.job(job) else { throw QueueError.unknownJob(job) }
        try forgetTip(of: row.job.plan)
    }

    private func forgetTip(of plan: Plan) throws {
        if let tip = plan.tip { try rows.forget(tip, app: plan.app) }
    }
}

extension Superseding {
    /// Why a job ends whose place `successor` takes.
    fileprivate static func reason(_ successor: Job) -> String {
        let ref = successor.plan.trigger.ref.singleLine(limit: 200)
        let what = successor.plan.commit.id.map { "\(ref) moved on to \($0.short)" } ?? "\(ref) moved on"
        return "superseded by job \(successor.id): \(what)"
    }
}

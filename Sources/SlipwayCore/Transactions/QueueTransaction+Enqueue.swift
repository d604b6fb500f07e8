package import SlipwayBase

/// How a plan becomes a job, inside the transaction of its delivery.
extension QueueTransaction {
    /// - Parameter time: when the delivery came.
    /// - Returns: the plan's job, which is another delivery's where the plan has joined it.
    package mutating func enqueue(_ plan: Plan, at time: Timestamp) throws -> (job: Job, isNew: Bool) {
        let newest = try rows.newestActive(in: plan.lane)
        if let newest {
            if newest.covers(plan) { return (try join(newest, plan), false) }
        } else if let live = try liveJob(plan) {
            return (live, false)
        }
        var row = JobRow(plan, at: time)
        row.job.id = try rows.insert(row)
        try moved(row.job)
        changes.signalsWork = true
        if row.isSupersedable, newest != nil { try supersedeWaiting(for: row, at: time) }
        return (row.job, true)
    }

    /// The job of the plan's ref that has deployed its commit, if that is still live.
    ///
    /// What a person asks for is asked for again.
    private func liveJob(_ plan: Plan) throws -> Job? {
        guard plan.isAutomatic, !plan.fresh, let target = plan.target, let commit = plan.commit.id,
            let id = try rows.newestRelease(app: plan.app, target: target)?.jobThatDeployed(commit),
            let job = try rows.wholeJob(id), job.state == .succeeded, job.plan.trigger.ref == plan.trigger.ref
        else { return nil }
        return job
    }

    private mutating func join(_ row: JobRow, _ plan: Plan) throws -> Job {
        // What a person asked for must not wait behind tests or give way to the next push, only because a push had
        // asked for it before.
        if row.job.state == .queued {
            try rows.write(
                .wish(max(row.priority, Priority(plan)), isSupersedable: row.isSupersedable && plan.isSupersedable),
                of: row.id)
        }
        changes.job(row.id)
        // A pause holds a push back and not what a person asks for.
        changes.signalsWork = true
        guard let job = try rows.wholeJob(row.id) else { throw QueueError.unknownJob(row.id) }
        return job
    }
}

extension JobRow {
    /// A new job.
    fileprivate init(_ plan: Plan, at time: Timestamp) {
        self.init(
            job: Job(id: 0, plan: plan, state: .queued, createdAt: time), priority: Priority(plan),
            isSupersedable: plan.isSupersedable, supersessions: 0, attempt: 0, cancelReason: nil)
    }

    /// Whether the newest job of a lane already deploys what a plan asks for.
    ///
    /// Only the newest: a branch that went from one commit to another and back would else end at the other, whose job
    /// is still to come.
    ///
    /// A queued job without a commit (a release names only a tag) will look its ref up when it starts, so it deploys this
    /// plan's commit or a newer one. A plan without one joins no other: a tag may have moved since that one was looked up.
    /// A plan that must reuse nothing joins only a job that reuses nothing.
    ///
    /// Nothing joins a running job that is about to give way, and what a person asks for no running one that still may.
    fileprivate func covers(_ plan: Plan) -> Bool {
        if job.state == .running {
            guard job.successor == nil, plan.isAutomatic || priority >= .manual else { return false }
        }
        let isSame = job.plan.commit.id.map { $0 == plan.commit.id } ?? (job.state == .queued)
        return isSame && (job.plan.fresh || !plan.fresh)
    }
}

extension ReleaseRow {
    /// The job that deployed a commit, if that surely still is live: no other job has begun a release there since.
    package func jobThatDeployed(_ commit: CommitID) -> JobID? {
        doubtedBy == nil && release.commit == commit ? release.job : nil
    }
}

/// What a server does at its start with the jobs that the last one left running.
extension QueueTransaction {
    /// A job in which the server stopped so often without a step between may be what ends it.
    private var mostAttempts: Int { 5 }

    /// - Returns: the jobs that were left running, as they are now.
    package mutating func recover(steps: (Plan) -> [Step.Name]) throws -> [Job] {
        let ids = try rows.runningJobs()
        for id in ids { try recover(id, steps) }
        return try ids.compactMap(rows.wholeJob)
    }

    private mutating func recover(_ id: JobID, _ steps: (Plan) -> [Step.Name]) throws {
        guard let row = try rows.job(id) else { throw QueueError.unknownJob(id) }
        var job = row.job
        job.steps = try rows.steps(of: id)
        if let end = job.endOfSteps {
            // Work that was ended for a newer push ends as that.
            if end.state == .cancelled, job.successor != nil { return try giveWay(id) }
            return try self.end(row, as: end.state, reason: end.reason)
        }
        // What its worker would have done if the server had gone on.
        if let reason = row.cancelReason { return try end(row, as: .cancelled, reason: reason) }
        if try !supersessions(of: [id]).isEmpty { return try giveWay(id) }
        guard row.attempt < mostAttempts else {
            return try end(row, as: .failed, reason: job.reasonAfterStops(row.attempt))
        }
        try rows.write(.attempt(row.attempt + 1), of: id)
        try rows.write(.successor(nil), of: id)
        try rows.write(.reason(nil), of: id)
        let fitting = job.steps(fitting: steps(job.plan))
        if fitting.map(\.name) != job.steps.map(\.name) { try rows.replaceSteps(of: id, by: fitting) }
        changes.job(id)
    }
}

extension Job {
    /// How a job ends whose server stopped between the end of a step and the job's own.
    fileprivate var endOfSteps: (state: State, reason: String?)? {
        if let failed = steps.first(where: { $0.state == .failed }) {
            return (.failed, "\(failed.name.rawValue): \(failed.reason ?? "it failed")")
        }
        return steps.first { $0.state == .cancelled }.map { (.cancelled, $0.reason) }
    }

    fileprivate func reasonAfterStops(_ count: Int) -> String {
        let step = steps.first { !$0.state.hasEnded }?.name.rawValue ?? "its end"
        return "the server stopped \(count) times in this job's \(step); look for the cause in the server's log"
            + (hasPassedPointOfNoReturn ? ", and at what is live and in the database," : "") + " then deploy again"
    }

    /// The configuration may ask for other steps than when the job was claimed. Those in which something may have gone
    /// live stay.
    fileprivate func steps(fitting names: [Step.Name]) -> [Step] {
        guard !names.isEmpty else { return steps }
        let begun = steps.map { ($0.name, $0.startedAt) }.filter { $0.isPointOfNoReturn && $1 != nil }.map(\.0)
        let all =
            names.filter { $0 != .verify } + begun.filter { !names.contains($0) } + names.filter { $0 == .verify }
        return all.map { name in steps.first { $0.name == name } ?? Step(name: name) }
    }
}

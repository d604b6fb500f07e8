/// What is live, as far as anybody knows: these only read.
extension QueueTransaction {
    /// The latest good release at a target, with the job that has released something since and came to no good end.
    package func live(app: String, target: String) throws -> Release? {
        guard let row = try rows.newestRelease(app: app, target: target) else { return nil }
        var release = row.release
        if let job = row.doubtedBy, try mayHaveReleased(job) { release.replacedBy = job }
        return release
    }

    /// Whether a job's release was begun, and it is not known that nothing came of it.
    private func mayHaveReleased(_ job: JobID) throws -> Bool {
        guard try rows.steps(of: job).contains(where: { $0.name == .release && $0.startedAt != nil }) else {
            return false
        }
        return try rows.states(of: .release, by: job).contains { $0 != .notDone }
    }

    /// What a rollback deploys: `History.previousRelease`.
    package func previousRelease(app: String, target: String) throws -> Release? {
        guard let live = try live(app: app, target: target) else { return nil }
        // Whoever asks for a rollback again does not mean what the first one has left.
        if let job = live.replacedBy, try rows.job(job)?.job.plan.trigger.kind != .rollback { return live }
        return try rows.newestRelease(app: app, target: target, otherThan: live.image)?.release
    }
}

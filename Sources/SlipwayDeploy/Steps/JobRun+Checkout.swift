import SlipwayBase
import SlipwayCore

extension JobRun {
    /// The commit's tree in `source`, and the job's commit as the repository knows it.
    func checkOut(_ context: StepContext) async throws -> StepResult<CommitID> {
        let commit = try await parts.git.checkOut(job.plan, app: context.app, into: folder, log: context.log)
        guard let id = commit.id else { throw StepFailure("the repository named no commit") }
        try await parts.queue.resolve(job.id, to: commit)
        await context.log.line("\(id) \(commit.subject.singleLine(limit: 200))")
        return .done(id)
    }

    var source: String { folder + "/source" }
}

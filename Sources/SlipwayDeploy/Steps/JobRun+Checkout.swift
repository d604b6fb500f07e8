import Foundation
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

    /// The work tree is made anew by those who need it.
    @Sendable func checkedOut(_ context: StepContext) -> CommitID? { job.plan.commit.id }

    /// After a restart the work tree of a step that has ended is gone, the commit is still in the mirror.
    func restoreSource(_ commit: CommitID, _ app: App) async throws {
        guard !FileManager.default.fileExists(atPath: source) else { return }
        try await parts.git.export(commit, app: app, into: folder)
    }

    var source: String { folder + "/source" }
}

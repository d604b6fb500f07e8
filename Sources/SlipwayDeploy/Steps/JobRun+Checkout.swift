import Foundation
import SlipwayBase
import SlipwayCore

/// A job ends before its last step, and nothing has failed: there is nothing left to bring.
struct EarlyEnd: Error {
    var reason: String
    /// The job that has brought what is as new; nil when there is none.
    var successor: JobID?
}

extension JobRun {
    /// The commit's tree in `source`, and the job's commit as the repository knows it.
    /// - Throws: `JobFailure`, `EarlyEnd` or `CancellationError`.
    func checkOut(_ app: App, _ target: Target? = nil) async throws -> CommitID {
        let found = try await step(.checkout, app, target, ended: checkedOut) { try await checkOut($0) }
        return try found.get()
    }

    private func checkOut(_ context: StepContext) async throws -> StepResult<Result<CommitID, EarlyEnd>> {
        do {
            let commit = try await find(context)
            switch try await judge(commit, context.app, context.target) {
            case .bring(let commit):
                let tree = try await parts.git.export(commit, app: context.app, into: folder)
                let notes = tree.notes.map(redactor.redact)
                for note in notes { await context.log.line(note) }
                return .done(.success(commit), reason: notes.isEmpty ? nil : notes.joined(separator: "; "))
            case .overtaken(let live, let reason):
                return try await nothing(EarlyEnd(reason: reason, successor: live), context)
            }
        } catch GitError.branchGone(let ref, let url) {
            try await parts.queue.forgetTip(of: job.id)
            return try await nothing(EarlyEnd(reason: "\(GitError.branchGone(ref, url: url))"), context)
        } catch let error as GitError where error.isAbsence {
            try await parts.queue.forgetTip(of: job.id)
            throw error
        }
    }

    private func nothing(
        _ end: EarlyEnd, _ context: StepContext
    ) async throws -> StepResult<Result<CommitID, EarlyEnd>> {
        await context.log.line(end.reason)
        return .skipped(.failure(end), reason: end.reason)
    }

    /// The commit that the job's ref or its branch names now, written down as the job's.
    private func find(_ context: StepContext) async throws -> CommitID {
        var joins = 0
        while true {
            let commit = try await parts.git.find(
                job.plan, followingBranch: job.followsBranch, app: context.app, log: context.log)
            guard let id = commit.id else { throw StepFailure("the repository named no commit") }
            if !job.followsBranch {
                try await parts.patience.write { [parts, job] in try await parts.queue.resolve(job.id, to: commit) }
            } else if let now = try await follow(commit, joins) {
                joins = now
                continue
            } else if let asked = job.plan.commit.id, asked != id {
                let ref = job.plan.trigger.ref.singleLine(limit: 200)
                await context.log.line(
                    "\(ref) has moved on from \(asked.short) since; this job brings its tip")
            }
            await context.log.line("\(id) \(commit.subject.singleLine(limit: 200))")
            return id
        }
    }

    private func follow(_ tip: Commit, _ joins: Int) async throws -> Int? {
        try await parts.patience.write { [parts, job] in
            try await parts.queue.follow(job.id, to: tip, joins: joins)
        }
    }

    /// - Parameter image: of a promotion.
    private func judge(_ commit: CommitID, image: String? = nil, _ app: App, _ target: Target?) async throws
        -> Order.Verdict
    {
        try await Order.judge(commit, image: image, of: job, at: target?.name, parts.releases) {
            try await parts.git.isAncestor($0, of: $1, app: app)
        }
    }

    /// What is promoted is no newer than what is live already.
    /// - Throws: `EarlyEnd`.
    func judgePromotion(from source: String, _ app: App, _ target: Target) async throws {
        guard job.isAutomatic, let promoted = try await parts.releases.live(app: app.name, target: source),
            case .overtaken(let live, let reason) =
                try await judge(promoted.commit, image: promoted.image, app, target)
        else { return }
        throw EarlyEnd(reason: reason, successor: live)
    }

    /// What the checkout found that ended before the server stopped; the work tree is made anew by those who need it. One
    /// that found nothing to bring looks again.
    @Sendable private func checkedOut(_ context: StepContext) -> Result<CommitID, EarlyEnd>? {
        let state = job.steps.first { $0.name == .checkout }?.state
        return state == .succeeded ? job.plan.commit.id.map { .success($0) } : nil
    }

    /// After a restart the work tree of a step that has ended is gone, the commit is still in the mirror.
    func restoreSource(_ commit: CommitID, _ app: App) async throws {
        guard !FileManager.default.fileExists(atPath: source) else { return }
        try await parts.git.export(commit, app: app, into: folder)
    }

    var source: String { folder + "/source" }
}

import SlipwayBase
import SlipwayCore

/// Finds the commit as the repository knows it, and lays its tree out.
struct CheckoutStep: JobStep {
    let name = Step.Name.checkout

    func limit(_ run: JobRun) -> TimeLimit { TimeLimit(duration: run.parts.limits.checkout) }

    /// The work tree is made again by those who need it. One that found nothing to deploy looks again.
    func left(_ run: JobRun, _ context: StepContext) -> Product? {
        let state = run.job.steps.first { $0.name == name }?.state
        return state == .succeeded ? run.job.plan.commit.id.map { .commit($0) } : nil
    }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        do {
            let commit = try await find(run, context)
            switch try await run.judge(commit) {
            case .deploy(let commit):
                let tree = try await run.parts.git.export(commit, app: run.app, into: run.folder)
                let notes = tree.notes.map(run.redactor.redact)
                for note in notes { await context.log.line(note) }
                return .done(.commit(commit), reason: notes.isEmpty ? nil : notes.joined(separator: "; "))
            case .overtaken(let live, let reason):
                return await nothing(EarlyEnd(reason: reason, successor: live), context)
            }
        } catch GitError.branchGone(let ref, let url) {
            try await run.parts.queue.forgetTip(of: run.job.id)
            return await nothing(EarlyEnd(reason: "\(GitError.branchGone(ref, url: url))"), context)
        } catch let error as GitError where error.isAbsence {
            try await run.parts.queue.forgetTip(of: run.job.id)
            throw error
        }
    }

    private func nothing(_ end: EarlyEnd, _ context: StepContext) async -> StepResult {
        await context.log.line(end.reason)
        return .skipped(.end(end), reason: end.reason)
    }

    /// The commit that the job's ref or its branch names now, written down as the job's.
    private func find(_ run: JobRun, _ context: StepContext) async throws -> CommitID {
        let (parts, job) = (run.parts, run.job)
        var joins = 0
        while true {
            let commit = try await parts.git.find(
                job.plan, followingBranch: job.followsBranch, app: run.app, log: context.log)
            guard let id = commit.id else { throw StepFailure("the repository named no commit") }
            if !job.followsBranch {
                try await parts.patience.write { try await parts.queue.resolve(job.id, to: commit) }
            } else if let now = try await follow(commit, joins, run) {
                joins = now
                continue
            } else if let asked = job.plan.commit.id, asked != id {
                let ref = job.plan.trigger.ref.singleLine(limit: 200)
                await context.log.line(
                    "\(ref) has moved on from \(asked.short) since; this job takes its tip")
            }
            await context.log.line("\(id) \(commit.subject.singleLine(limit: 200))")
            return id
        }
    }

    private func follow(_ tip: Commit, _ joins: Int, _ run: JobRun) async throws -> Int? {
        let (queue, job) = (run.parts.queue, run.job.id)
        return try await run.parts.patience.write { try await queue.follow(job, to: tip, joins: joins) }
    }
}

internal import SlipwayBase

/// Whether a job that nobody asked for by hand may still deploy its commit, once its checkout has seen the repository.
///
/// The repository is the truth, a delivery only a hint: deliveries are lost, doubled, late and out of order, so the
/// order in which they came decides nothing here.
package enum Order {
    package enum Verdict: Sendable, Equatable {
        case deploy(CommitID)
        /// What is live is at least as new. The reason is a sentence for a person.
        case overtaken(by: JobID, reason: String)
    }

    /// For a job of a branch, which deploys the branch's tip. That may be older than what is live, because whoever moves a
    /// branch back means it. If another branch's commit is live, nobody has moved this one back.
    ///
    /// - Parameters:
    ///   - tip: the commit that the branch names now.
    ///   - deployedBy: the job that has deployed it where this one would, if it is live there.
    ///   - live: what is live there.
    ///   - isBehind: whether a job of another branch has deployed that, and the tip is a strict ancestor of it.
    package static func follow(
        _ plan: Plan, tip: CommitID, deployedBy: JobID?, live: Release, isBehind: Bool
    ) -> Verdict {
        if let deployedBy {
            let ref = plan.trigger.ref.singleLine(limit: 200)
            return .overtaken(
                by: deployedBy, reason: "\(ref) is at \(tip.short), which job \(deployedBy) has deployed")
        }
        return isBehind ? overtaken(tip, by: live) : .deploy(tip)
    }

    /// Whether a job of another branch than a plan's has deployed what is live.
    /// - Parameter ref: that job's ref, as far as known.
    package static func isOfAnotherBranch(_ ref: String?, than plan: Plan) -> Bool {
        ref.flatMap(GitRef.init).map { $0.kind == .branch && $0 != GitRef(plan.trigger.ref) } ?? false
    }

    /// For any other, whose commit is its own and never replaces what came after it.
    ///
    /// - Parameters:
    ///   - commit: the commit that the job's tag names, or that is live where it is promoted from.
    ///   - deployedBy: the job that has deployed it where this one would, if it is live there.
    ///   - live: what is live there.
    ///   - isAncestor: whether the commit is a strict ancestor of the live one.
    package static func keep(_ commit: CommitID, deployedBy: JobID?, live: Release, isAncestor: Bool) -> Verdict {
        if let deployedBy {
            return .overtaken(
                by: deployedBy,
                reason: "\(commit.short) is live already, since job \(deployedBy); to deploy it again, do so by hand")
        }
        return isAncestor ? overtaken(commit, by: live) : .deploy(commit)
    }

    private static func overtaken(_ commit: CommitID, by live: Release) -> Verdict {
        .overtaken(
            by: live.job,
            reason: "\(commit.short) is older than \(live.commit.short), which contains it and which job \(live.job) "
                + "deployed; to go back on purpose, deploy it by hand or roll back")
    }
}

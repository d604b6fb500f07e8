internal import SlipwayBase

/// Whether a job that nobody asked for by hand may still bring its commit, once its checkout has seen the repository.
///
/// The repository is the truth, a delivery only a hint: deliveries are lost, doubled, late and out of order, so the
/// order in which they came decides nothing here.
package enum Order {
    package enum Verdict: Sendable, Equatable {
        case bring(CommitID)
        /// What is live is at least as new. The reason is a sentence for a person.
        case overtaken(by: JobID, reason: String)
    }

    /// For a job of a branch, which brings the branch's tip: that may be older than what is live, for whoever moves a
    /// branch back means it. Nobody has moved it back where another branch has brought what is live.
    ///
    /// - Parameters:
    ///   - tip: the commit that the branch names now.
    ///   - bringer: the job that has brought it live where this one would, if it is live there.
    ///   - live: what is live there.
    ///   - isBehind: whether another branch has brought that, and the tip is a strict ancestor of it.
    package static func follow(
        _ plan: Plan, tip: CommitID, bringer: JobID?, live: Release, isBehind: Bool
    ) -> Verdict {
        if let bringer {
            let ref = plan.trigger.ref.singleLine(limit: 200)
            return .overtaken(
                by: bringer, reason: "\(ref) is at \(tip.short), which job \(bringer) has deployed")
        }
        return isBehind ? overtaken(tip, by: live) : .bring(tip)
    }

    /// Whether what is live was brought by another branch than a plan's.
    /// - Parameter ref: the ref that has brought it, as far as known.
    package static func isOfAnotherBranch(_ ref: String?, than plan: Plan) -> Bool {
        ref.flatMap(GitRef.init).map { $0.kind == .branch && $0 != GitRef(plan.trigger.ref) } ?? false
    }

    /// For any other, whose commit is its own and never replaces what came after it.
    ///
    /// - Parameters:
    ///   - commit: the commit that the job's tag names, or that is live where it is promoted from.
    ///   - bringer: the job that has brought it live where this one would, if it is live there.
    ///   - live: what is live there.
    ///   - isAncestor: whether the commit is a strict ancestor of the live one.
    package static func keep(_ commit: CommitID, bringer: JobID?, live: Release, isAncestor: Bool) -> Verdict {
        if let bringer {
            return .overtaken(
                by: bringer,
                reason: "\(commit.short) is live already, since job \(bringer); to deploy it again, do so by hand")
        }
        return isAncestor ? overtaken(commit, by: live) : .bring(commit)
    }

    private static func overtaken(_ commit: CommitID, by live: Release) -> Verdict {
        .overtaken(
            by: live.job,
            reason: "\(commit.short) is older than \(live.commit.short), which contains it and which job \(live.job) "
                + "deployed; to go back on purpose, deploy it by hand or roll back")
    }
}

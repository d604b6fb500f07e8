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
    /// branch back means it.
    ///
    /// - Parameters:
    ///   - tip: the commit that the branch names now.
    ///   - bringer: the job that has brought it live where this one would, if it is live there.
    package static func follow(_ plan: Plan, tip: CommitID, bringer: JobID?) -> Verdict {
        guard let bringer else { return .bring(tip) }
        return .overtaken(
            by: bringer,
            reason:
                "\(plan.trigger.ref.singleLine(limit: 200)) is at \(tip.short), which job \(bringer) has brought live")
    }

    /// For any other, whose commit is its own and never replaces what came after it.
    ///
    /// - Parameters:
    ///   - commit: the commit that the job's tag names.
    ///   - live: what is live where it would go.
    ///   - isAncestor: whether the commit is a strict ancestor of the live one.
    package static func keep(_ commit: CommitID, live: Release, isAncestor: Bool) -> Verdict {
        guard isAncestor else { return .bring(commit) }
        return .overtaken(
            by: live.job,
            reason: "\(commit.short) is older than \(live.commit.short), which contains it and which job \(live.job) "
                + "brought live; to go back on purpose, deploy it by hand or roll back")
    }
}

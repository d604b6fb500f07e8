extension Order {
    /// Asks the store and the repository what the rules ask about.
    ///
    /// - Parameters:
    ///   - commit: what the job would deploy, as the repository has just shown it.
    ///   - image: of a promotion, which deploys no branch's tip; of a commit that is live it may be another one.
    ///   - target: nil: the job only tests.
    ///   - isAncestor: whether a commit is a strict ancestor of another; asked only where the answer counts.
    /// - Throws: what the store or the repository throws; nothing is decided then.
    package static func judge(
        _ commit: CommitID, image: String? = nil, of job: Job, at target: String?, _ releases: some ReleaseStore,
        isAncestor: (CommitID, _ of: CommitID) async throws -> Bool
    ) async throws -> Verdict {
        guard job.isAutomatic, let target,
            let live = try await releases.live(app: job.plan.app, target: target)
        else { return .deploy(commit) }
        let deployedBy =
            image == nil || image == live.image
            ? try await releases.jobThatDeployed(commit, app: job.plan.app, target: target) : nil
        if job.followsBranch, image == nil {
            let isOther = isOfAnotherBranch(try await releases.ref(of: live.job), than: job.plan)
            let isBehind = isOther ? try await isAncestor(commit, live.commit) : false
            return follow(job.plan, tip: commit, deployedBy: deployedBy, live: live, isBehind: isBehind)
        }
        return keep(commit, deployedBy: deployedBy, live: live, isAncestor: try await isAncestor(commit, live.commit))
    }
}

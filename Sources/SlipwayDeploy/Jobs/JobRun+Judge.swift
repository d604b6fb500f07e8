import SlipwayCore

extension JobRun {
    /// Whether the job may still bring a commit to its target.
    /// - Parameter image: of a promotion, which brings no branch's tip; of a commit that is live it may be another one.
    func judge(_ commit: CommitID, image: String? = nil, at target: Target) async throws -> Order.Verdict {
        let releases = parts.releases
        guard let live = try await releases.live(app: app.name, target: target.name) else { return .bring(commit) }
        let bringer =
            image == nil || image == live.image
            ? try await releases.bringer(of: commit, app: app.name, target: target.name) : nil
        if job.followsBranch, image == nil {
            let isOther = Order.isOfAnotherBranch(try await releases.ref(of: live.job), than: job.plan)
            let isBehind = isOther ? try await parts.git.isAncestor(commit, of: live.commit, app: app) : false
            return Order.follow(job.plan, tip: commit, bringer: bringer, live: live, isBehind: isBehind)
        }
        let isAncestor = try await parts.git.isAncestor(commit, of: live.commit, app: app)
        return Order.keep(commit, bringer: bringer, live: live, isAncestor: isAncestor)
    }
}

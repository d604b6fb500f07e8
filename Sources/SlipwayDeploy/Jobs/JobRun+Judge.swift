import SlipwayCore

extension JobRun {
    /// Whether the job may still deploy a commit to its target.
    /// - Parameter image: of a promotion.
    func judge(_ commit: CommitID, image: String? = nil) async throws -> Order.Verdict {
        try await Order.judge(commit, image: image, of: job, at: target?.name, parts.releases) {
            try await parts.git.isAncestor($0, of: $1, app: app)
        }
    }
}

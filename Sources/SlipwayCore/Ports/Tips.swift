/// Asks a repository where its branches and tags are.
package protocol TipReader: Sendable {
    /// - Returns: all of them, versions in their order (`v2` before `v10`).
    /// - Throws: when the repository cannot be asked.
    func tips(of app: App) async throws -> [Tip]
}

/// Where branches and tags were when they were last seen, by a look or by a push whose delivery came. What throws has noted
/// nothing; the next look finds it once more.
package protocol TipStore: Sendable {
    /// - Returns: nil for an app whose repository was never looked at: then nobody knows what was there before.
    func seenTips(of app: App) async throws -> [GitRef: CommitID]?

    /// Those plans of a move that nobody has deployed, asked for, or made out of date meanwhile: the ref is still known
    /// as it was before the look, and the newest job for it at the plan's target deploys another commit.
    func open(_ move: TipMove, of app: App) async throws -> [Plan]

    /// Notes what a look has seen, of each ref that is still known as it was before the look: a delivery that came
    /// meanwhile knows better.
    /// - Parameter seen: what was known before; nil: nothing, and whatever else is on record for the app is forgotten.
    func note(_ tips: [Tip], of app: App, before seen: [GitRef: CommitID]?) async throws
}

/// How far the list of a webhook's deliveries has been gone through; numbers are GitHub's, and grow. What throws
/// has noted nothing.
package protocol DeliveryCursor: Sendable {
    /// - Returns: nil before the first time.
    func lastDelivery(of hook: Int64, app: App) async throws -> Int64?
    func note(lastDelivery: Int64, of hook: Int64, app: App) async throws
}

/// What a transaction has changed, for a store to tell once it is on disk: nothing of it is true before.
package struct Changes: Sendable {
    /// For the feed, in their order.
    package var kinds: [Feed.Kind] = []
    /// For the server's log: the jobs whose state has changed, as they are since.
    package var moved: [Job] = []
    /// Whether a claim may now find what the last one did not.
    package var signalsWork = false

    package init() {}

    package mutating func job(_ id: JobID) { kinds.append(.job(id)) }
    package mutating func step(_ id: JobID, _ name: Step.Name) { kinds.append(.step(id, name)) }
    /// What holds jobs back is another: pages draw it again.
    package mutating func holds() { kinds.append(.reset) }
}

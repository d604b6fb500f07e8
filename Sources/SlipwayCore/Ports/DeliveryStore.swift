/// Where deliveries are recorded, and jobs with them.
///
/// Deliveries that come at the same moment may share a transaction. Of those one that cannot be stored takes no other one with
/// it.
package protocol DeliveryStore: Sendable {
    /// Records a delivery and queues its plans as jobs, all or nothing; returns once it is on disk.
    ///
    /// A GUID that was accepted before changes nothing. A plan whose commit already has a job queued or running at
    /// its target joins that job; so does, unless a person asks, one whose commit is live there by a job of the same
    /// ref. A new push job supersedes the queued push jobs of the same target and ref.
    /// - Throws: when it cannot be stored; then nothing was. A delivery whose answer was lost may be recorded again: its GUID
    ///   tells.
    nonisolated(nonsending) func record(
        _ delivery: Delivery, _ decision: Decision, repository: Repository?
    ) async throws -> Receipt

    /// The app that a repository belonged to when a delivery last named it.
    func app(of repository: Repository.ID) async throws -> String?
}

/// What became of a delivery.
package enum Receipt: Sendable {
    /// At least one job is new; `jobs` has all of the delivery's, in the order of its plans.
    case queued([Job])
    /// Every plan joined a job that another delivery had made.
    case joined([Job])
    /// This GUID was seen; the jobs it made then.
    case duplicate([Job])
    case ignored(reason: String)
    case pong

    /// The word that answers and the log use; docs/api.md lists them.
    package var decision: String {
        switch self {
        case .queued: "queued"
        case .joined: "joined"
        case .duplicate: "duplicate"
        case .ignored: "ignored"
        case .pong: "pong"
        }
    }

    package var jobs: [Job] {
        switch self {
        case .queued(let jobs), .joined(let jobs), .duplicate(let jobs): jobs
        case .ignored, .pong: []
        }
    }
}

package import SlipwayBase

/// What of the past is kept. Each call removes the oldest first and at most a few hundred, so that nobody waits long for the
/// writer; call again until it finds nothing more. What throws has removed no row; bodies whose rows are gone may be left
/// behind, and go with a later call.
package protocol Archive: Sendable {
    /// Ended jobs that are not among the newest `count`, but for those that released an image of `keptImages`.
    /// - Returns: how many.
    func removeJobs(beyond count: Int) async throws -> Int
    /// Deliveries that came before a moment and of whose jobs none is queued or running, with their bodies. Their GUIDs are
    /// no longer known afterwards.
    /// - Returns: how many.
    func removeDeliveries(before moment: Timestamp) async throws -> Int
    /// Of these jobs those that are gone or ended before a moment.
    func jobs(_ jobs: [JobID], goneOrEndedBefore moment: Timestamp) async throws -> [JobID]
    /// What must stay on the engine: the images of each target's last good releases, what is live first, and of the commits
    /// that running jobs deploy.
    func keptImages() async throws -> Set<String>
}

/// The logs of the past.
package protocol LogArchive: Sendable {
    /// The jobs that have a log.
    func jobs() async throws -> [JobID]
    func remove(_ job: JobID) async throws
}

/// So many good releases of each target can be gone back to.
package let keptReleases = 5

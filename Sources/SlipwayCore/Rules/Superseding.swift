/// How a newer push takes the place of an older one, per app, target and branch.
///
/// A queued job gives way whenever a newer one comes. A running one gives way until it enters `migrate` or `release`;
/// from then on the newer one waits, and of those that wait only the newest runs.
package enum Superseding {
    /// How often in a row a push may be superseded before the next that runs is let through to its end. Without a
    /// bound, a branch that is pushed to faster than it builds would never be deployed.
    ///
    /// Counted over queued and running jobs, and carried from each to its successor.
    package static let mostInARow = 5

    /// Whether a running push job gives way to a newer one.
    /// - Parameter before: how many jobs in a row gave way before it.
    package static func givesWay(after before: Int) -> Bool { before < mostInARow }

    /// How many in a row gave way before a job that takes another's place.
    /// - Parameters:
    ///   - count: before the job so far: it may take several jobs' places.
    ///   - before: before the job that gives way.
    package static func count(_ count: Int, takingPlaceOf before: Int) -> Int { max(count, before + 1) }
}

/// A running job, and the newer push job that wants its place.
package struct Supersession: Sendable, Equatable {
    package var job: JobID
    package var successor: JobID

    package init(job: JobID, successor: JobID) {
        self.job = job
        self.successor = successor
    }
}

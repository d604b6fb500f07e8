package import SlipwayBase

/// Automatic jobs wait; what a person asks for runs. Of the whole queue, or of one target.
package struct Pause: Sendable, Equatable {
    /// The token of whoever asked for it, or for the rollback that caused it.
    package var by: String
    package var since: Timestamp
    /// The rollback after which its target is paused; nil: somebody asked for the pause itself.
    package var rollback: JobID?

    package init(by: String, since: Timestamp, rollback: JobID? = nil) {
        self.by = by
        self.since = since
        self.rollback = rollback
    }
}

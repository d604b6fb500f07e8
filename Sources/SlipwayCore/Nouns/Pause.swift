package import SlipwayBase

/// Automatic jobs wait; what a person asks for runs.
package struct Pause: Sendable, Equatable {
    /// The token of whoever asked for it.
    package var by: String
    package var since: Timestamp

    package init(by: String, since: Timestamp) {
        self.by = by
        self.since = since
    }
}

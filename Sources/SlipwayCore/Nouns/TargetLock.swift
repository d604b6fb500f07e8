package import SlipwayBase

/// No job of the target starts, whoever asks for it.
package struct TargetLock: Sendable, Equatable {
    /// The token of whoever asked for it.
    package var by: String
    package var since: Timestamp
    /// What for, in their words.
    package var reason: String

    package init(by: String, since: Timestamp, reason: String) {
        self.by = by
        self.since = since
        self.reason = reason
    }
}

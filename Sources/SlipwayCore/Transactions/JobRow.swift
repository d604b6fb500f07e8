import SlipwayBase

/// A job as the queue keeps it.
package struct JobRow: Sendable {
    /// Without its steps; the reason is what was written, and not why a queued job waits.
    package var job: Job
    /// Raised when a person asks for what was queued already.
    package var priority: Priority
    /// Whether a newer push to its branch takes its place; no longer once a person has asked for it too.
    package var isSupersedable: Bool
    /// How many jobs in a row gave way before this one.
    package var supersessions: Int
    /// How often it was begun since its last step ended.
    package var attempt: Int
    /// Of a running one that was told to stop.
    package var cancelReason: String?

    package init(
        job: Job, priority: Priority, isSupersedable: Bool, supersessions: Int, attempt: Int, cancelReason: String?
    ) {
        self.job = job
        self.priority = priority
        self.isSupersedable = isSupersedable
        self.supersessions = supersessions
        self.attempt = attempt
        self.cancelReason = cancelReason
    }

    var id: JobID { job.id }
}

/// Among the jobs of a lane a newer push takes an older one's place.
package struct Lane: Sendable, Hashable {
    package var app: String
    /// nil: those that only test.
    package var target: String?
    package var ref: String
}

extension Plan {
    package var lane: Lane { Lane(app: app, target: target, ref: trigger.ref) }
}

/// A release as it was recorded.
package struct ReleaseRow: Sendable {
    /// Without `replacedBy`.
    package var release: Release
    /// The job that began a release after this one and came to no good end.
    package var doubtedBy: JobID?

    package init(release: Release, doubtedBy: JobID?) {
        self.release = release
        self.doubtedBy = doubtedBy
    }
}

import SlipwayBase
import SlipwayCore

/// `GET /status`, with the field names of docs/api.md, and null where there is nothing.
struct StatusView: Encodable, Sendable {
    var version: String
    var startedAt: Timestamp
    var queue: Queue
    var apps: [AppView]
    var jobs: [JobView]

    private enum CodingKeys: String, CodingKey {
        case version, queue, apps, jobs
        case startedAt = "started_at"
    }

    struct Queue: Encodable, Sendable {
        var summary: QueueSummary

        private enum CodingKeys: String, CodingKey {
            case running, queued, paused
            case queuedCount = "queued_count"
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(summary.running, forKey: .running)
            try fields.encode(Array(summary.queued.prefix(100)), forKey: .queued)
            try fields.encode(summary.queuedCount, forKey: .queuedCount)
            try fields.encode(summary.paused.map(PauseView.init), forKey: .paused)
        }
    }

    struct AppView: Encodable, Sendable {
        var name: String
        var repository: String
        var targets: [TargetView]
    }

    struct TargetView: Encodable, Sendable {
        var name: String
        var place: Place
        var held: Holds.OnTarget
        var live: LiveView?
        var latestJob: JobID?

        private enum CodingKeys: String, CodingKey {
            case name, locked, paused, live
            case herokuApp = "heroku_app"
            case latestJob = "latest_job"
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(name, forKey: .name)
            // The key is from before there could be another platform.
            try fields.encode(place.platform == "heroku" ? place.name : nil, forKey: .herokuApp)
            try fields.encode(held.lock.map(TargetLockView.init), forKey: .locked)
            try fields.encode(held.pause.map(PauseView.init), forKey: .paused)
            try fields.encode(live, forKey: .live)
            try fields.encode(latestJob, forKey: .latestJob)
        }
    }

    struct LiveView: Encodable, Sendable {
        var job: JobID
        var commit: String
        var image: String
        var release: Int
        var since: Timestamp
        /// Absent: none.
        var replacedBy: JobID?

        private enum CodingKeys: String, CodingKey {
            case job, commit, image, release, since
            case replacedBy = "replaced_by"
        }

        init(_ release: Release) {
            job = release.job
            commit = release.commit.description
            image = release.image
            self.release = release.version
            since = release.since
            replacedBy = release.replacedBy
        }
    }
}

/// `GET /jobs`.
struct JobsView: Encodable, Sendable {
    var jobs: [JobView]
    /// `before` of the next page; nil on the last.
    var next: JobID?

    private enum CodingKeys: String, CodingKey {
        case jobs, next
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(jobs, forKey: .jobs)
        try fields.encode(next, forKey: .next)
    }
}

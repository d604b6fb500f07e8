import SlipwayCore

/// Everything at a glance, as `/status` and the dashboard show it.
struct Overview: Sendable {
    var queue: QueueSummary
    var apps: [AppOverview]
    /// The running, then at most 50 queued in the order they will run, then the latest; 50 in all unless more run.
    var jobs: [Job]

    struct AppOverview: Sendable {
        var app: App
        var targets: [TargetOverview]
    }

    struct TargetOverview: Sendable {
        var target: Target
        var live: Release?
        /// The job that brought the live release.
        var liveJob: Job?
        var latestJob: JobID?
    }

    init(of history: any History, _ configuration: Configuration) async throws {
        queue = try await history.queue()
        apps = []
        for app in configuration.apps {
            var targets: [TargetOverview] = []
            for target in app.targets {
                let live = try await history.live(app: app.name, target: target.name)
                var overview = TargetOverview(target: target, live: live)
                if let live { overview.liveJob = try await history.job(live.job) }
                overview.latestJob = try await history.latestJob(app: app.name, target: target.name)
                targets.append(overview)
            }
            apps.append(AppOverview(app: app, targets: targets))
        }
        jobs = try await history.jobs(JobFilter(states: [.running], limit: 50))
        let order = Dictionary(queue.queued.enumerated().map { ($1, $0) }) { first, _ in first }
        var filter = JobFilter(states: [.queued], limit: 50)
        filter.isAscending = true
        let queued = try await history.jobs(filter).sorted { left, right in
            let places = (order[left.id] ?? Int.max, order[right.id] ?? Int.max)
            return places.0 == places.1 ? left.id < right.id : places.0 < places.1
        }
        jobs += queued.prefix(max(0, 50 - jobs.count))
        let ended = Set(Job.State.allCases.filter(\.hasEnded))
        // Looked at last, so that a job which ends meanwhile may be listed once too often but never missed.
        let shown = Set(jobs.map(\.id))
        let latest = try await history.jobs(JobFilter(states: ended, limit: 50)).filter { !shown.contains($0.id) }
        jobs += latest.prefix(max(0, 50 - jobs.count))
    }
}

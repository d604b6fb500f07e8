import SlipwayCore

/// Everything at a glance, as `/status` and the dashboard show it.
struct Overview: Sendable {
    var queue: QueueSummary
    var holds: Holds
    var apps: [AppOverview]
    /// The running, then at most 50 queued in the order they will run, then the latest; 50 in all unless more run.
    var jobs: [Job]

    struct AppOverview: Sendable {
        var app: App
        var targets: [TargetOverview]
    }

    struct TargetOverview: Sendable {
        var target: Target
        var held: Holds.OnTarget
        var live: Release?
        /// What a rollback would deploy.
        var previous: Release?
        /// The job that deployed the live release.
        var liveJob: Job?
        var latestJob: JobID?
    }

    /// - Parameter forPage: with what `/status`, which programs ask for often, does not tell.
    init(of history: any History, _ configuration: Configuration, forPage: Bool) async throws {
        queue = try await history.queue()
        holds = try await history.holds()
        apps = []
        for app in configuration.apps {
            var targets: [TargetOverview] = []
            for target in app.targets {
                let live = try await history.live(app: app.name, target: target.name)
                var overview = TargetOverview(target: target, held: holds[app.name, target.name], live: live)
                if let live, forPage {
                    overview.liveJob = try await history.job(live.job)
                    overview.previous = try await history.previousRelease(app: app.name, target: target.name)
                }
                overview.latestJob = try await history.latestJob(app: app.name, target: target.name)
                targets.append(overview)
            }
            apps.append(AppOverview(app: app, targets: targets))
        }
        let ids = queue.running + queue.queued.prefix(max(0, 50 - queue.running.count))
        let busy = try await history.jobs(numbered: ids)
        // By number and not by state, and the ended ones last: a job that moves on meanwhile is in one of the lists.
        let ended = try await history.jobs(JobFilter(states: Set(Job.State.allCases.filter(\.hasEnded)), limit: 50))
        jobs = busy + ended.filter { !ids.contains($0.id) }.prefix(max(0, 50 - busy.count))
    }
}

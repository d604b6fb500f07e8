import SlipwayBase
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
        var standing: Standing
        /// What a rollback would deploy.
        var previous: Release?
        /// The job that released the image that runs.
        var liveJob: Job?
        var latestJob: JobID?
    }

    /// Until when it is true if nothing else changes: a platform's answer grows old.
    var goodUntil: Timestamp? {
        apps.flatMap(\.targets).compactMap { target in
            target.standing.state == .unknown ? nil : target.standing.askedAt.map { $0 + Standing.longestSilence }
        }.min()
    }

    /// - Parameter forPage: with what `/status`, which programs ask for often, does not tell.
    init(
        of history: any History, _ configuration: Configuration, forPage: Bool, at now: Timestamp = .now()
    ) async throws {
        queue = try await history.queue()
        holds = try await history.holds()
        apps = []
        for app in configuration.apps {
            var targets: [TargetOverview] = []
            for target in app.targets {
                let standing = try await history.standing(app: app.name, target: target, at: now)
                var overview = TargetOverview(
                    target: target, held: holds[app.name, target.name], standing: standing)
                if forPage {
                    if let job = standing.live?.release?.job { overview.liveJob = try await history.job(job) }
                    overview.previous = try await history.wayBack(app: app.name, target: target, at: now)
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

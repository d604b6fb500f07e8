import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func verify(_ release: PlatformRelease, of commit: CommitID, in context: StepContext) async throws {
        let health = target.health
        try await atEdge {
            let api = api.reporting(to: context.log)
            let watch = Stopwatch(clock)
            guard target.processes.contains("web") else {
                await context.log.line("\(app) has no web process to ask; its dynos' state is all there is to see")
                return try await waitForDynos(of: release, within: health.within, api, context)
            }
            // Before its dynos run the release, the old one's 200 would pass for the new one's (T14).
            try await waitForDynos(of: release, type: "web", within: health.within, api, context)
            let known = try await api.app(app)
            guard known.maintenance != true else { return await context.log.line(inMaintenance) }
            guard let web = known.webUrl else {
                throw StepFailure("\(app) has no web_url, so its health cannot be asked; add a domain to it on Heroku")
            }
            guard
                let probe = HealthProbe(
                    web: web, check: health, commit: commit, client: client, userAgent: api.userAgent, limits: limits)
            else { throw StepFailure("\(web.singleLine())\(health.path.singleLine()) is not a URL; check health.path") }
            let preboot = release.wasAlreadyRunning ? false : try await api.hasPreboot(app)
            if preboot {
                await context.log.line(
                    "\(app) has preboot: dynos of the release before answer for about 3 min; waiting for an answer that "
                        + "names \(commit.short), or for \(limits.prebootTime.inWords)")
            }
            try await waitForHealth(probe, since: watch, preboot: preboot, api, context)
        }
    }

    /// Heroku's own page answers then, whatever the app would.
    private var inMaintenance: String {
        "\(app) is in maintenance mode, so its address answers 503; that its dynos run the release is what counts. "
            + "`heroku maintenance:off -a \(app)` ends it"
    }

    private func waitForHealth(
        _ probe: HealthProbe, since watch: Stopwatch, preboot: Bool, _ api: HerokuAPI, _ context: StepContext
    ) async throws {
        let within = preboot ? probe.check.within + limits.prebootTime : probe.check.within
        let url = probe.url.absoluteString.singleLine()
        var pauses = Pauses.polling(limits)
        var said = ""
        while true {
            let state: String
            switch try await probe.ask() {
            case .healthy(namesCommit: true):
                await context.log.line("\(url) answers \(probe.check.status) and names \(probe.commit.short)")
                return
            case .healthy(namesCommit: false):
                guard preboot, watch.elapsed < limits.prebootTime else {
                    await context.log.line(
                        "\(url) answers \(probe.check.status); it does not name the commit, so that the dynos run the "
                            + "release is what counts")
                    return
                }
                state = "it answered \(probe.check.status) without naming \(probe.commit.short)"
            case .not(let what): state = what.singleLine()
            }
            guard watch.elapsed < within else {
                // Either may have begun since.
                if try await api.app(app).maintenance == true { return await context.log.line(inMaintenance) }
                guard try await api.formation(app).contains(where: { $0.type == "web" && $0.quantity > 0 }) else {
                    throw noDyno(of: "web")
                }
                throw StepFailure(
                    "\(url) did not answer \(probe.check.status) within \(within.inWords): \(state); the release is "
                        + "live: see `heroku logs -a \(app)`, then repair it or go back to the release before")
            }
            if state != said {
                said = state
                await context.log.line("\(url): \(state); asking again")
            }
            try await clock.sleep(for: pauses.take())
        }
    }
}

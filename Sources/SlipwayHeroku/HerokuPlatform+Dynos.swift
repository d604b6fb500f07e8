import SlipwayBase
import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func waitForDynos(_ release: PlatformRelease, in context: StepContext) async throws {
        try await atEdge {
            let api = api.reporting(to: context.log)
            try await scaleFirstRelease(release, api, context)
            try await waitForDynos(of: release, within: limits.dynosTime, api, context)
        }
    }

    /// A new app's web is often scaled to 0, and its first page then H14 (T13). Whoever scales it down later means it.
    private func scaleFirstRelease(
        _ release: PlatformRelease, _ api: HerokuAPI, _ context: StepContext
    ) async throws {
        guard target.processes.contains("web") else { return }
        let web = try await api.formation(app).first { $0.type == "web" }
        guard let web, web.quantity == 0 else { return }
        let earlier = try await api.releases(app, latest: 200).contains {
            $0.version < release.version && $0.description?.hasPrefix("Deployed") == true
        }
        guard !earlier else {
            await context.log.line(
                "web of \(app) is scaled to 0 and stays so; `heroku ps:scale web=1 -a \(app)` starts it")
            return
        }
        await context.log.line("first release of \(app), whose web is scaled to 0: scaling it to 1")
        let change = ScaleChange(place: target.place, type: "web", quantity: 1)
        try await recorded(Effect.scale, change, in: context) {
            try await api.scale("web", of: app, to: 1)
        } look: { _ in
            ((), .done(Nothing()))
        }
    }

    /// - Parameter type: only this one, which must have a dyno; nil: all, and none at all is nothing to wait for.
    func waitForDynos(
        of release: PlatformRelease, type: String? = nil, within limit: Duration, _ api: HerokuAPI,
        _ context: StepContext
    ) async throws {
        let version = release.version
        let watch = Stopwatch(clock)
        var pauses = Pauses.polling(limits)
        var crashedSince: Duration?
        var said = ""
        while true {
            let view = FormationView(
                formation: try await api.formation(app), dynos: try await api.dynos(app), version: version)
            var state: String
            switch view.verdict(of: type) {
            case .ready:
                await context.log.line("all dynos are up on v\(version)")
                return
            case .empty:
                if let type {
                    throw StepFailure(
                        "\(app) has no \(type) dyno that could answer: start one with "
                            + "`heroku ps:scale \(type)=1 -a \(app)`")
                }
                await context.log.line("\(app) has no dynos to wait for")
                return
            case .crashed(let dyno):
                let since = crashedSince ?? watch.elapsed
                crashedSince = since
                state = "\(dyno) crashed"
                guard watch.elapsed - since < limits.crashedTime else {
                    throw StepFailure(try await crash(of: dyno, on: version, api, context.log))
                }
            case .waiting(let what):
                crashedSince = nil
                state = what
                try await requireNotFailed(release, api)
            }
            guard watch.elapsed < limit else {
                throw StepFailure(
                    "the dynos of \(app) did not all come up on v\(version) in \(limit.inWords): \(state.singleLine()); "
                        + "see `heroku logs -a \(app)`")
            }
            if state != said {
                said = state
                await context.log.line("waiting for v\(version): \(state.singleLine())")
            }
            try await clock.sleep(for: pauses.take())
        }
    }

    /// What a dyno said before it ended is most often all there is to know, so it goes to the step's log.
    private func crash(of dyno: String, on version: Int, _ api: HerokuAPI, _ log: StepLog) async throws
        -> String
    {
        let lines = try await pastLog(api, log)?.filter { $0.dyno == dyno }.suffix(30) ?? []
        if !lines.isEmpty { await log.line("from the log of \(dyno):") }
        for line in lines { await log.quote(line.message) }
        let place =
            lines.isEmpty ? "`heroku logs -d \(dyno) -a \(app)` says why" : "what it said last is in this step's log"
        return
            "the dyno \(dyno) of \(app) crashes on v\(version), which is live: \(place). A web process must listen on "
            + "$PORT within 60 s, runs as another user than root, and needs an image for linux/amd64; repair it and "
            + "deploy again, or go back to the release before"
    }

    /// Dynos never come up on a release that failed. It can without a release phase of ours: an image of the type
    /// `release` that someone released once runs again with every release (T10).
    private func requireNotFailed(_ release: PlatformRelease, _ api: HerokuAPI) async throws {
        let status = try await api.release(release.id, of: app).status
        guard status == "failed" || status == "expired" else { return }
        throw StepFailure(
            "release v\(release.version) of \(app) \(status) on Heroku, so no dyno runs it; if this target has no "
                + "release-phase migration, an image of the type release is left from another deploy: "
                + "`heroku container:rm release -a \(app)` removes it")
    }
}

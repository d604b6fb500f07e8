import SlipwayBase
import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func waitForDynos(_ release: PlatformRelease, in context: StepContext) async throws {
        try await atEdge {
            let api = api.reporting(to: context.log)
            try await fitFormation(to: release, api, context)
            try await waitForDynos(of: release, within: limits.dynosTime, api, context)
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
                if let type { throw noDyno(of: type) }
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

    func noDyno(of type: String) -> StepFailure {
        StepFailure(
            "\(app) has no \(type) dyno that could answer: start one with `heroku ps:scale \(type)=1 -a \(app)`")
    }

    /// What a dyno said before it ended is most often all there is to know, so it goes to the step's log: of much the
    /// beginning, where the first error is, and the end.
    private func crash(of dyno: String, on version: Int, _ api: HerokuAPI, _ log: StepLog) async throws -> String {
        let crash = DynoCrash(of: dyno, on: version, in: try await pastLog(api, log) ?? [])
        let (most, lines) = (150, crash.lines)
        if !lines.isEmpty { await log.line("from the log of \(dyno), since it was last started:") }
        for line in lines.prefix(most) { await log.quote(line.message) }
        if lines.count > 2 * most { await log.line("\(lines.count - 2 * most) lines are left out here") }
        for line in lines.dropFirst(most).suffix(most) { await log.quote(line.message) }
        let place =
            lines.isEmpty ? "`heroku logs -d \(dyno) -a \(app)` says why" : "what it said last is in this step's log"
        return
            "the dyno \(dyno) of \(app), on v\(version), which is live, \(crash.cause(app: app)); \(place); repair it "
            + "and deploy again, or go back to the release before"
    }

    /// Dynos never come up on a release that failed. It can without a release phase of ours, by an image of the type
    /// `release` that could not be removed, or that somebody released since (T10).
    private func requireNotFailed(_ release: PlatformRelease, _ api: HerokuAPI) async throws {
        let status = try await api.release(release.id, of: app).status
        guard status == "failed" || status == "expired" else { return }
        throw StepFailure(
            "release v\(release.version) of \(app) \(status) on Heroku, so no dyno runs it; if this target has no "
                + "release-phase migration, an image of the type release is left from another deploy: "
                + "`heroku container:rm release -a \(app)` removes it")
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func waitForReleasePhase(_ release: PlatformRelease, timeout: Duration, in context: StepContext) async throws {
        guard !release.wasAlreadyRunning else {
            await context.log.line("no release phase: Heroku made no new release")
            return
        }
        try await atEdge {
            let api = api.reporting(to: context.log)
            let (final, output) = try await follow(release, timeout: timeout, api, context)
            guard let final else {
                throw StepFailure(
                    "the release phase of v\(release.version) did not end in \(timeout.inWords); "
                        + (try await stillServing(api))
                        + ". It may go live yet, because Heroku itself ends a release phase only after an hour: see "
                        + "`heroku releases -a \(app)`, and raise migrate.timeout if the migration needs longer")
            }
            guard final.status != "succeeded" else {
                await context.log.line("v\(final.version): \(final.status)")
                return
            }
            throw StepFailure(try await failure(of: final, output, api, context))
        }
    }

    private enum Progress: Sendable {
        case looked(ReleaseResource)
        case outputEnded(ReleaseOutput.Summary)
        case graceOver, timeOver
    }

    /// The status decides; the output is followed beside it and given a moment to end. The release is nil when its
    /// time is over.
    private func follow(
        _ release: PlatformRelease, timeout: Duration, _ api: HerokuAPI, _ context: StepContext
    ) async throws -> (ReleaseResource?, ReleaseOutput.Summary) {
        try await withThrowingTaskGroup(of: Progress.self) { group in
            defer { group.cancelAll() }
            var pauses = Pauses.polling(limits)
            var final: ReleaseResource?
            var followsOutput = false
            var output: ReleaseOutput.Summary?
            group.addTask {
                try await clock.sleep(for: timeout)
                return .timeOver
            }
            group.addTask { .looked(try await api.release(release.id, of: app)) }
            while let progress = try await group.next() {
                switch progress {
                case .looked(let seen):
                    if !followsOutput, let url = seen.outputStreamUrl {
                        followsOutput = true
                        await context.log.hide(Secret(url))
                        if let host = api.foreignHost(of: url) {
                            await context.log.line(
                                "Heroku names \(host.singleLine(limit: 200)) for the output of this release phase, "
                                    + "which is not a host of its own; going on without it")
                            output = ReleaseOutput.Summary()
                        } else {
                            await context.log.line("output of the release phase of v\(seen.version):")
                            let source = ReleaseOutput(
                                url: url, client: client, log: context.log, clock: clock, limits: limits,
                                userAgent: api.userAgent, timeout: timeout)
                            group.addTask { .outputEnded(try await source.follow()) }
                        }
                    }
                    if seen.isPending {
                        let pause = pauses.take()
                        group.addTask {
                            try await clock.sleep(for: pause)
                            return .looked(try await api.release(release.id, of: app))
                        }
                    } else {
                        final = seen
                        guard followsOutput, output == nil else { return (seen, output ?? ReleaseOutput.Summary()) }
                        group.addTask {
                            try await clock.sleep(for: limits.outputGrace)
                            return .graceOver
                        }
                    }
                case .outputEnded(let summary):
                    output = summary
                    // Also after its end the release is often still pending (T3).
                    if let final { return (final, summary) }
                case .graceOver: return (final, output ?? ReleaseOutput.Summary())
                case .timeOver: return (final, output ?? ReleaseOutput.Summary())
                }
            }
            return (final, output ?? ReleaseOutput.Summary())
        }
    }

    private func failure(
        of release: ReleaseResource, _ output: ReleaseOutput.Summary, _ api: HerokuAPI, _ context: StepContext
    ) async throws -> String {
        let serving = try await stillServing(api)
        guard release.status == "failed" else {
            return "release v\(release.version) \(release.status) on Heroku; \(serving); deploy again"
        }
        let seen = try await lookIntoLog(showing: output.bytes == 0, api, context.log)
        // A rollback's is not a migration.
        let migration = context.job.plan.isRollback ? nil : target.releasePhase
        let command = migration.map { "`\($0.command.singleLine(limit: 200))`" } ?? "its command"
        let end =
            (output.exitCode ?? seen)
            .map { "\(command) exited with status \($0)\(ExitStatus(code: $0).hint)" } ?? "\(command) failed"
        return "the release phase of v\(release.version) failed: \(end); \(serving); its output is in this step's log"
    }

    private func stillServing(_ api: HerokuAPI) async throws -> String {
        let current = try? await api.releases(app, latest: HerokuAPI.manyReleases).first { $0.current == true }
        return current.map { "the previous release (v\($0.version)) still serves" }
            ?? "the previous release still serves"
    }

    /// The release phase's exit status stands only in the app's log, and without curl in the image its output too (T11).
    private func lookIntoLog(showing: Bool, _ api: HerokuAPI, _ log: StepLog) async throws -> Int? {
        let lines = try await pastLog(api, log)?.filter { $0.dyno.hasPrefix("release.") } ?? []
        let dyno = lines.last?.dyno
        let last = lines.filter { $0.dyno == dyno }
        if showing, !last.isEmpty {
            await log.line("Heroku streamed no output; from the app's log:")
            for line in last { await log.quote(line.message) }
        }
        return last.compactMap(\.exitCode).last
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayDeploy
import SlipwayHTTP

extension OneOff {
    /// Output and exit code by the app's log, which is opened before the dyno exists: its first lines must not be lost.
    func detached() async throws -> End {
        let feed: LogFeed.Open
        do {
            feed = try await openLog(LogSessionRequest(lines: 10, tail: true))
        } catch let error as LogFeed.Refused {
            throw unreadableLog("\(error.status)")
        } catch HTTPClientError.invalidURL {
            // Which is not repeated here: it opens the log.
            throw unreadableLog("its address is not a URL")
        } catch let error as HTTPClientError {
            throw unreadableLog("\(error)")
        }
        let dyno = try await startDetached()
        try await follows(dyno.name)
        await context.log.line("dyno \(dyno.name) of \(app) runs the migration detached")
        return try await limited(dyno.name) { try await followLog(of: dyno.name, from: feed) }
    }

    private func unreadableLog(_ reason: String) -> StepFailure {
        StepFailure(
            "the log of \(app) cannot be read (\(reason.singleLine())), so the migration's result could not be learned; "
                + "nothing was run; allow connections to port 5000 of rendezvous.runtime.heroku.com, or deploy again")
    }

    private func startDetached() async throws -> DynoResource {
        do {
            return try await api.runDyno(request(attach: false), of: app)
        } catch let error as HerokuError where !error.hadNoEffect {
            guard let dyno = try? await find() else { throw error }
            await context.log.line("\(error.cause), yet the dyno was started")
            return dyno
        }
    }

    private func openLog(_ request: LogSessionRequest) async throws -> LogFeed.Open {
        let url = try await api.logSession(request, of: app)
        await context.log.hide(Secret(url))
        return try await LogFeed(url: url, client: platform.client, userAgent: api.userAgent)
            .open(deadline: migration.timeout + .seconds(60))
    }

    private enum Progress: Sendable {
        case logComplete, gone, graceOver
    }

    /// Until the log says how it ended, or the dyno is gone and the log silent.
    func followLog(of dyno: String, from feed: LogFeed.Open?) async throws -> End {
        let log = DynoLog(dyno: dyno, marker: marker, output: context.log)
        try await withThrowingTaskGroup(of: Progress.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await read(feed, into: log)
                return .logComplete
            }
            group.addTask {
                try await waitUntilGone(dyno)
                return .gone
            }
            while let progress = try await group.next() {
                guard progress == .gone else { return }
                group.addTask {
                    // Log lines come later than the states they tell of.
                    try await platform.clock.sleep(for: platform.limits.outputGrace)
                    return .graceOver
                }
            }
        }
        if await log.exitCode == nil {
            let past = try? await openLog(LogSessionRequest(dyno: dyno, lines: 1500, tail: false))
            try await past?.read { await log.take($0) }
        }
        if await log.hasRunNothing { return .neverAttached("nobody had attached to the dyno \(dyno) in time") }
        guard let code = await log.exitCode else {
            return .unknown("the dyno is gone and the app's log does not say its exit status", dyno: dyno)
        }
        return .exited(code, dyno: dyno)
    }

    /// Sessions end by themselves and break; each next one begins with the past, of which the log knows what it saw.
    private func read(_ first: LogFeed.Open?, into log: DynoLog) async throws {
        var feed = first
        var pauses = Pauses.polling(platform.limits)
        while true {
            do {
                if feed == nil { feed = try await openLog(LogSessionRequest(dyno: log.dyno, lines: 1500, tail: true)) }
                try await feed?.read { await log.take($0) }
            } catch is CancellationError {
                throw CancellationError()
            } catch is HTTPClientError, is LogFeed.Refused, is HerokuError {
                // The dyno runs on whether its log can be read or not.
            }
            if await log.isComplete { return }
            feed = nil
            try await platform.clock.sleep(for: pauses.take())
        }
    }

    private func waitUntilGone(_ dyno: String) async throws {
        let limits = platform.limits
        var pauses = Pauses(first: limits.gonePause, factor: 4 / 3, longest: limits.longestPoll)
        var looks = 0
        while looks < limits.goneLooks {
            try await platform.clock.sleep(for: pauses.take())
            do {
                let seen = try await api.dyno(dyno, of: app)
                let runs = seen.map { !["crashed", "down", "complete"].contains($0.state) } ?? false
                looks = runs ? 0 : looks + 1
            } catch is HerokuError {
                // Nothing learned; the log is what decides.
            }
        }
    }
}

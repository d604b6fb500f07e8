import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension WebApplication {
    func dashboard(_ request: HTTPRequest) async throws -> HTTPResponse {
        let caller = try access.authorizeStatus(request)
        // Taken before the jobs are read: what changes in between is told again rather than missed.
        let position = eventPosition
        let overview = try await Overview(of: history, configuration.value, forPage: true)
        var page = frame("Dashboard", request, caller)
        page["position"] = position
        page["isDashboard"] = true
        if caller.isBrowser, let outcome = HoldOutcome(query: request.target.value) {
            page["done"] = outcome.sentence(overview.holds, namesRequests: false)
        }
        let busy = overview.jobs.filter { !$0.state.hasEnded }.map { context(for: $0).values }
        let recent = overview.jobs.filter(\.state.hasEnded).prefix(25).map { context(for: $0).values }
        page["busy"] = busy
        page["isBusy"] = !busy.isEmpty
        page["summary"] = summary(overview.queue)
        page["isPaused"] = overview.queue.paused != nil
        page["recent"] = Array(recent)
        page["hasRecent"] = !recent.isEmpty
        page["apps"] = overview.apps.map { app -> [String: Any] in
            [
                "appName": app.app.name, "repository": app.app.repository,
                "targets": app.targets.map { context(for: $0, of: app.app) },
            ]
        }
        page["hasApps"] = !overview.apps.isEmpty
        return pages.response("dashboard", page)
    }

    func jobsPage(
        _ jobs: [Job], next: JobID?, _ filter: JobFilter, at position: String, _ request: HTTPRequest, _ caller: Caller
    ) -> HTTPResponse {
        var page = frame("Jobs", request, caller)
        let isBusy = jobs.contains { !$0.state.hasEnded }
        // Before a number there is nothing new.
        if isBusy || filter.before == nil { page["position"] = position }
        page["isBusy"] = isBusy
        page["isJobs"] = true
        page["recent"] = jobs.map { context(for: $0).values }
        page["hasRecent"] = !jobs.isEmpty
        if let next {
            let kept =
                request.target.query.filter { ["app", "target", "state", "limit"].contains($0.name) } + [
                    HTTPTarget.QueryItem(name: "before", value: "\(next)")
                ]
            let query = kept.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
            page["older"] = "/jobs?" + query.joined(separator: "&")
        }
        return pages.response("jobs", page)
    }

    func jobPage(_ job: Job, _ request: HTTPRequest, _ caller: Caller) async throws -> HTTPResponse {
        var page = frame("Job \(job.id)", request, caller)
        let position = eventPosition
        // The job is read again after its position, and its log after it.
        let job = try await history.job(job.id) ?? job
        // Nothing changes on the page of a job that has ended, and a stream would keep one of the browser's connections.
        if !job.state.hasEnded { page["position"] = position }
        page["job"] = context(for: job).values
        page["isBusy"] = !job.state.hasEnded
        page["mayCancel"] = caller.may(.deploy) && caller.isBrowser && !job.state.hasEnded
        let isKnown = job.plan.target.flatMap { configuration.value.app(named: job.plan.app)?.target(named: $0) } != nil
        let mayRepeat = caller.may(.deploy) && caller.isBrowser && isKnown && job.state.hasEnded
        page["mayRedeploy"] = mayRepeat && job.plan.commit.id != nil
        if mayRepeat { page["mayRollBack"] = try await canBeRolledBackTo(job) }
        if caller.may(.read) {
            page["history"] = JournalContext(try await jobHistory(of: job)).values
            page["log"] = try await shownLog(of: job)
            page["hasDetail"] = !job.detail.isEmpty
            page["detail"] = job.detail.map { line in
                ["line": line.text, "place": "/jobs/\(job.id)/log?step=\(line.step)&from=\(line.offset)"]
            }
        }
        return pages.response("job", page)
    }

    /// Whether the job released something that is not what is live, as far as known.
    private func canBeRolledBackTo(_ job: Job) async throws -> Bool {
        guard let target = job.plan.target,
            let release = try await history.release(by: job.id, app: job.plan.app, target: target)
        else { return false }
        let live = try await history.live(app: job.plan.app, target: target)
        return live?.image != release.image || live?.replacedBy != nil
    }

    func loginPage(_ request: HTTPRequest) -> HTTPResponse {
        loginPage(next: request.target.value("next"), problem: access.lostCookie(of: request))
    }

    private func loginPage(next: String?, problem: String?, status: HTTPStatus = .ok) -> HTTPResponse {
        var page: [String: Any] = ["title": "Log in", "next": LocalPath(next).text, "version": version]
        page["problem"] = problem
        return pages.response("login", page, status: status)
    }

    func login(_ request: HTTPRequest) async throws -> HTTPResponse {
        do {
            let (cookie, form) = try await access.login(request)
            var response = HTTPResponse.redirect(to: LocalPath(form["next"]).text)
            response.headers["Set-Cookie"] = cookie
            return response
        } catch let refused as Access.Refused {
            guard request.wantsPage else { throw refused.error }
            var response = loginPage(
                next: refused.next, problem: refused.error.message, status: refused.error.status)
            for (name, value) in refused.error.headers { response.headers[name] = value }
            return response
        }
    }

    func logout(_ request: HTTPRequest) async throws -> HTTPResponse {
        var response = HTTPResponse.redirect(to: "/login")
        response.headers["Set-Cookie"] = try await access.logout(request)
        // The session's streams look whether they may go on.
        feed.publish(.reset)
        return response
    }

    private func context(for job: Job) -> JobContext {
        JobContext(job, app: configuration.value.app(named: job.plan.app), now: .now())
    }

    private func context(for target: Overview.TargetOverview, of app: App) -> [String: Any] {
        var values: [String: Any] = [
            "targetName": target.target.name, "place": configuration.value.title(of: target.target.place),
            "targetApp": app.name,
        ]
        values["lock"] = target.held.lock.map { lock -> [String: Any] in
            ["words": lock.inWords, "since": JobContext.time(lock.since)]
        }
        values["pause"] = target.held.pause.map { pause -> [String: Any] in
            var shown: [String: Any] = ["words": pause.inWords, "since": JobContext.time(pause.since)]
            shown["rollback"] = pause.rollback.map(String.init)
            return shown
        }
        values["previous"] = target.previous.map { ["previousSHA": $0.commit.short, "previousJob": String($0.job)] }
        if let live = target.live {
            var shown: [String: Any] = [
                "liveSHA": live.commit.short, "liveJob": String(live.job), "liveVersion": String(live.version),
                "liveSince": JobContext.time(live.since),
            ]
            if let job = target.liveJob, job.plan.commit.id == live.commit {
                shown["liveSubject"] = job.plan.commit.subject.singleLine(limit: 200)
            }
            shown["replacedBy"] = live.replacedBy.map(String.init)
            shown["liveURL"] = PageText.commitURL(live.commit, of: app)
            values["live"] = shown
        }
        return values
    }

    private func summary(_ queue: QueueSummary) -> String {
        guard let pause = queue.paused else { return work(queue) }
        return "\(work(queue)) Paused by \(pause.by): only what is asked for by hand runs."
    }

    private func work(_ queue: QueueSummary) -> String {
        switch (queue.running.count, queue.queuedCount) {
        case (0, 0): "Nothing is running."
        case (let running, 0): "\(running) running."
        case (let running, let queued): "\(running) running, \(queued) queued."
        }
    }

    /// What every page has around its content.
    private func frame(_ title: String, _ request: HTTPRequest, _ caller: Caller) -> [String: Any] {
        var page: [String: Any] = [
            "title": title, "version": version, "isLive": true, "now": JobContext.time(.now()),
            "mayDeploy": caller.may(.deploy) && caller.isBrowser,
        ]
        if caller.isBrowser {
            page["user"] = caller.name
            page["csrf"] = access.csrfToken(for: request)
        } else {
            page["isStranger"] = true
        }
        return page
    }
}

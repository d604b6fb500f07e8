import SlipwayBase
import SlipwayCore
import SlipwayHTTP

extension WebApplication {
    /// `GET /status`, where nothing has changed since it was last asked for.
    func knownStatus(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse? {
        _ = try access.authorizeStatus(request)
        return statusCache.response(at: moment)
    }

    /// `GET /status`: encoded once for all who ask before anything changes.
    func status(_ request: HTTPRequest) async throws -> HTTPResponse {
        _ = try access.authorizeStatus(request)
        let moment = moment
        var response = try await currentStatus()
        SecurityHeaders.add(to: &response, isSecure: false)
        statusCache.keep(response, from: moment)
        return response
    }

    private var moment: StatusCache.Moment {
        StatusCache.Moment(revision: history.revision, generation: configuration.generation)
    }

    private func currentStatus() async throws -> HTTPResponse {
        let overview = try await Overview(of: history, configuration.value, forPage: false)
        return try .json(
            encoding: StatusView(
                version: version, startedAt: startedAt, queue: StatusView.Queue(summary: overview.queue),
                apps: overview.apps.map { app in
                    StatusView.AppView(
                        name: app.app.name, repository: app.app.repository,
                        targets: app.targets.map {
                            StatusView.TargetView(
                                name: $0.target.name, place: $0.target.place, held: $0.held,
                                live: $0.live.map(StatusView.LiveView.init), latestJob: $0.latestJob)
                        })
                }, jobs: overview.jobs.map { JobView($0) }))
    }

    func jobs(_ request: HTTPRequest) async throws -> HTTPResponse {
        let caller = try access.authorizeStatus(request)
        let position = eventPosition
        var filter = try JobFilter(request.target)
        let limit = filter.limit
        // One more than asked for shows whether there is a next page.
        filter.limit += 1
        let found = try await history.jobs(filter)
        let page = Array(found.prefix(limit))
        let next = found.count > limit ? page.last?.id : nil
        if request.wantsPage { return jobsPage(page, next: next, filter, at: position, request, caller) }
        let log = caller.may(.read) ? JobView.LogFacts() : nil
        return try .json(encoding: JobsView(jobs: page.map { JobView($0, log: log) }, next: next))
    }

    func job(_ request: HTTPRequest, _ text: String) async throws -> HTTPResponse {
        let wantsJournal = request.target.value("journal") == "1"
        // What a job did names commands and what runs them, as its log does.
        let caller =
            wantsJournal ? try await access.authorize(request, .read) : try access.authorizeStatus(request)
        let job = try await job(numbered: text)
        if request.wantsPage { return try await jobPage(job, request, caller) }
        return try .json(
            encoding: JobView(
                job, log: caller.may(.read) ? try await logFacts(of: job) : nil,
                history: wantsJournal ? try await jobHistory(of: job) : nil))
    }

    func jobHistory(of job: Job) async throws -> JobView.History {
        let before =
            if let target = job.plan.target {
                try await history.jobs(JobFilter(app: job.plan.app, target: target, before: job.id, limit: 20))
            } else {
                [] as [Job]
            }
        // Made for those journals alone that have something to take out: a page that is live asks for this often.
        lazy var redactor = Redactor(secrets: configuration.value.secrets)
        var entries = try await journal.entries(of: job.id)
        for index in entries.indices { entries[index].effect = entries[index].effect.redacted(by: redactor) }
        return JobView.History(
            journal: entries, timings: JobTimings(job, before: before, now: now()))
    }

    private func logFacts(of job: Job) async throws -> JobView.LogFacts {
        var steps: [Step.Name: Range<Int>] = [:]
        for step in job.steps { steps[step.name] = try await logs.omitted(job: job.id, step: step.name).first }
        let holes = steps.isEmpty ? [] : try await logs.omitted(job: job.id, step: nil)
        let whole = holes.first.map { $0.lowerBound..<(holes.last ?? $0).upperBound }
        return JobView.LogFacts(omitted: whole, ofSteps: steps)
    }

    func job(numbered text: String) async throws -> Job {
        guard let id = JobID(text), id > 0, let job = try await history.job(id) else {
            throw HTTPError.notFound("no job has the number \(text.singleLine(limit: 40))")
        }
        return job
    }
}

extension JobFilter {
    /// The query of `GET /jobs`.
    fileprivate init(_ target: HTTPTarget) throws {
        // A field that a form leaves empty asks for nothing.
        func value(_ name: String) -> String? { target.value(name).flatMap { $0.isEmpty ? nil : $0 } }
        self.init(app: value("app"), target: value("target"))
        let states = target.query.filter { $0.name == "state" }.flatMap { $0.value.split(separator: ",") }
        if !states.isEmpty {
            self.states = Set(
                try states.map { word in
                    guard let state = Job.State(rawValue: String(word)) else {
                        let known = Job.State.allCases.map(\.rawValue).joined(separator: ", ")
                        throw HTTPError.badRequest("state is one of \(known)")
                    }
                    return state
                })
        }
        if let text = value("before") {
            guard let before = JobID(text), before > 0 else { throw HTTPError.badRequest("before is a job's number") }
            self.before = before
        }
        if let text = value("limit") {
            guard let limit = Int(text), (1...200).contains(limit) else {
                throw HTTPError.badRequest("limit is a number from 1 to 200")
            }
            self.limit = limit
        }
    }
}

import Foundation
package import Logging
package import SlipwayBase
package import SlipwayCore
package import SlipwayHTTP

/// What a person asks for by curl or a button: deploy a ref, deploy again what is live, roll back, cancel a job, hold
/// jobs back.
///
/// A deploy and a rollback are deliveries like GitHub's, so that one record says who asked for what.
package struct DeployRequests: Sendable {
    /// Lets a request in, or throws the answer that keeps it out.
    package typealias Authorize = @Sendable (HTTPRequest, AccessToken.Permission) async throws -> Caller

    let configuration: Current<Configuration>
    let deliveries: any DeliveryStore
    let history: any History
    let control: any JobControl
    let queue: any QueuePause & TargetHolds
    let refs: any RefResolver
    let follower: LogFollower
    let ends: JobFollower
    let authorize: Authorize
    let logger: Logger
    var heartbeat: Duration = .seconds(15)

    /// - Parameters:
    ///   - authorize: the window's access control.
    ///   - heartbeat: the longest silence of a streamed log.
    ///   - logger: takes one line for each request that was done or refused, for who held jobs back or let them go stands nowhere
    ///     else once it is undone; and one for each failure that is the server's and not the caller's.
    package init(
        configuration: Current<Configuration>, deliveries: any DeliveryStore, history: any History,
        control: any JobControl, queue: any QueuePause & TargetHolds, refs: any RefResolver, logs: any LogBook,
        feed: Feed,
        authorize: @escaping Authorize, heartbeat: Duration = .seconds(15), logger: Logger
    ) {
        self.configuration = configuration
        self.deliveries = deliveries
        self.history = history
        self.control = control
        self.queue = queue
        self.refs = refs
        follower = LogFollower(logs: logs, history: history, feed: feed)
        ends = JobFollower(history: history, feed: feed)
        self.authorize = authorize
        self.heartbeat = heartbeat
        self.logger = logger
    }

    package func addRoutes(to router: inout Router) {
        post(&router, "/deploy/{app}/{target}") { request, path in
            try await deploy(request, app: path["app"] ?? "", target: path["target"] ?? "")
        }
        post(&router, "/rollback/{app}/{target}") { request, path in
            try await rollBack(request, app: path["app"] ?? "", target: path["target"] ?? "")
        }
        for change in HoldOutcome.Change.allCases {
            post(&router, "/\(change.rawValue)/{app}/{target}") { request, path in
                try await hold(
                    request, change, at: HoldOutcome.Place(app: path["app"] ?? "", target: path["target"] ?? ""))
            }
        }
        for change in [HoldOutcome.Change.pause, .resume] {
            post(&router, "/\(change.rawValue)") { request, _ in try await hold(request, change) }
        }
        post(&router, "/jobs/{id}/cancel") { request, path in try await cancel(request, job: path["id"] ?? "") }
    }

    /// What is refused to who may ask has a line as what is done has; a stranger's 401 and 403 have none here.
    private func post(_ router: inout Router, _ pattern: String, _ handler: @escaping Router.Handler) {
        router.on(.post, pattern) { request, path in
            do {
                return try await handler(request, path)
            } catch let error as HTTPError {
                guard error.status != .unauthorized, error.status != .forbidden else { throw error }
                logger.notice(
                    "request refused",
                    metadata: [
                        "path": "\(request.target.path.singleLine(limit: 200))", "status": "\(error.status.code)",
                        "code": "\(error.code)", "reason": "\(error.message)",
                    ])
                throw error
            }
        }
    }

    private func deploy(_ request: HTTPRequest, app: String, target: String) async throws -> HTTPResponse {
        let caller = try await authorize(request, .deploy)
        let wish = try DeployWish(request, caller)
        let (app, target) = try known(app, target)
        try await refuseIfLocked(app, target)
        let (ref, commit) = try await commit(for: wish, app, target)
        let guid = UUID().uuidString.lowercased()
        let plan = Plan(
            app: app.name, target: target.name,
            trigger: Trigger(kind: .deploy, ref: ref, delivery: guid, by: caller.name), commit: commit,
            fresh: wish.isFresh)
        let body = DeployWish.Record(
            app: app.name, target: target.name, ref: wish.ref, commit: commit.id?.description, fresh: wish.isFresh,
            by: caller.name)
        let job = try await record(plan, "deploy", try JSONText.encode(body), by: caller, request)
        return try await answer(job, caller, wish.wait)
    }

    /// - Throws: 404 for what is not configured.
    func known(_ app: String, _ target: String) throws(HTTPError) -> (app: App, target: Target) {
        guard let app = configuration.value.app(named: app) else {
            throw HTTPError.notFound("no app is named \(app.singleLine(limit: 80))")
        }
        guard let target = app.target(named: target) else {
            throw HTTPError.notFound(
                "\(app.name) has no target \(target.singleLine(limit: 80)); it has "
                    + app.targets.map(\.name).joined(separator: ", "))
        }
        return (app, target)
    }

    private func commit(
        for wish: DeployWish, _ app: App, _ target: Target
    ) async throws -> (ref: String, commit: Commit) {
        guard let ref = wish.ref else { return try await liveCommit(app, target) }
        let unknown = HTTPError.notFound(
            "\(app.repository) has no branch, tag or commit \(ref.singleLine(limit: 120))")
        // What git would not take as a name never reaches it.
        guard GitRef(.branch, ref) != nil else { throw unknown }
        do {
            guard let found = try await refs.resolve(ref, app: app) else { throw unknown }
            return found
        } catch let error as HTTPError {
            throw error
        } catch let error as RefIsNoCommit {
            throw HTTPError.notFound("\(error)")
        } catch {
            let reason = Redactor(secrets: configuration.value.secrets).redact("\(error)".singleLine())
            logger.warning("a repository cannot be asked", metadata: ["app": "\(app.name)", "reason": "\(reason)"])
            throw HTTPError(
                .badGateway, code: "repository_unreachable",
                message: "the repository of \(app.name) cannot be asked: \(reason)")
        }
    }

    private func liveCommit(_ app: App, _ target: Target) async throws -> (ref: String, commit: Commit) {
        let live = try await answered { try await history.live(app: app.name, target: target.name) }
        guard let live else {
            throw HTTPError.notFound(
                "nothing is live at \(app.name)/\(target.name) yet; say what to deploy, as in ?ref=main")
        }
        return (live.commit.description, try await commit(of: live))
    }

    /// With its message and author, where the job that released it is still on record.
    func commit(of release: Release) async throws -> Commit {
        let commit = try await answered { try await history.job(release.job) }?.plan.commit
        if let commit, commit.id == release.commit { return commit }
        return Commit(id: release.commit)
    }

    /// Makes a delivery of a plan, and its job.
    func record(
        _ plan: Plan, _ event: String, _ body: [UInt8], by caller: Caller, _ request: HTTPRequest
    ) async throws -> Job {
        let delivery = Delivery(
            guid: plan.trigger.delivery, source: caller.isBrowser ? .dashboard : .api, event: event,
            headers: request.headers.kept(["User-Agent"]), body: body)
        let receipt = try await answered {
            try await deliveries.record(delivery, .plans([plan]), repository: nil)
        }
        guard let job = receipt.jobs.first else {
            logger.error("the store made no job of a delivery", metadata: ["delivery": "\(delivery.guid)"])
            throw Self.notStored
        }
        DeliveryLine(delivery, plan).write(receipt, to: logger)
        return job
    }

    func answered<Value>(_ operation: () async throws -> Value) async throws -> Value {
        do {
            return try await operation()
        } catch {
            logger.error("the store does not answer", metadata: ["reason": "\(error)"])
            throw Self.notStored
        }
    }

    private static let notStored = HTTPError(
        .serviceUnavailable, code: "not_stored", message: "the store does not answer now; try again",
        headers: ["Retry-After": "30"])
}

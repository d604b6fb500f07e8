import Foundation
package import Logging
package import SlipwayBase
package import SlipwayCore
package import SlipwayHTTP

/// The window: everything of Slipway that is looked at.
package struct WebApplication: Sendable {
    /// Also who may deploy: `DeployRequests` asks its `authorize`.
    package let access: Access

    let configuration: Current<Configuration>
    let history: any History
    let journal: any Journal
    let logs: any LogBook
    let feed: Feed
    let pages: Pages
    let assets: StaticFiles
    let statusCache = StatusCache()
    let version: String
    let startedAt: Timestamp
    let heartbeat: Duration
    let now: @Sendable () -> Timestamp
    let unready: @Sendable () async -> String?
    let logger: Logger

    /// - Parameters:
    ///   - folder: `Public`, with `templates` and `assets`.
    ///   - heartbeat: the longest silence of an event stream.
    ///   - unready: why the server cannot do its work now, for `/readyz`, besides the store, which is asked anyway.
    ///   - logger: takes one line for each login and logout, and for each failure that is the server's and not the
    ///     caller's; at the level debug one for each request.
    ///   - strangers: takes lines about who was kept out, which anybody can cause.
    /// - Throws: `PagesError` for a template that is missing or broken.
    package init(
        configuration: Current<Configuration>, history: any History, journal: any Journal, logs: any LogBook,
        feed: Feed,
        sessions: SessionRecords, folder: String, version: String, startedAt: Timestamp = .now(),
        heartbeat: Duration = .seconds(15),
        now: @escaping @Sendable () -> Timestamp = { .now() },
        moment: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        unready: @escaping @Sendable () async -> String? = { nil }, logger: Logger, strangers: Logger
    ) throws(PagesError) {
        self.configuration = configuration
        self.history = history
        self.journal = journal
        self.logs = logs
        self.feed = feed
        self.version = version
        self.startedAt = startedAt
        self.heartbeat = heartbeat
        self.now = now
        self.unready = unready
        self.logger = logger
        access = Access(
            configuration: configuration, sessions: sessions, now: now, moment: moment, logger: logger,
            strangers: strangers)
        pages = try Pages(folder: folder + "/templates")
        assets = StaticFiles(root: folder + "/assets")
    }

    /// Every path of the window, and how the router answers errors and ends every answer, also of other modules.
    package func addRoutes(to router: inout Router) {
        get(&router, "/") { request, _ in try await dashboard(request) }
        get(&router, "/status", atHand: { request, _ throws(HTTPError) in try knownStatus(request) }) { request, _ in
            try await status(request)
        }
        get(&router, "/jobs") { request, _ in try await jobs(request) }
        get(&router, "/jobs/{id}") { request, path in try await job(request, path["id"] ?? "") }
        get(&router, "/jobs/{id}/log") { request, path in try await log(request, path["id"] ?? "") }
        get(&router, "/events") { request, _ in try await events(request) }
        get(&router, "/metrics") { request, _ in try await metrics(request) }
        // With all that `finish` would add each time.
        var healthy = HTTPResponse.text("ok\n")
        SecurityHeaders.add(to: &healthy, isSecure: false)
        router.on(.get, "/healthz", atHand: { [healthy] _, _ in healthy })
        get(&router, "/readyz") { _, _ in await readiness() }
        get(&router, "/login") { request, _ in loginPage(request) }
        router.on(.post, "/login") { request, _ in try await login(request) }
        router.on(.post, "/logout") { request, _ in try await logout(request) }
        router.on(
            .get, "/assets/{path...}",
            atHand: { request, path throws(HTTPError) in
                guard let file = assets.respond(to: request, path: path["path"] ?? "") else {
                    throw HTTPError.notFound("nothing is at \(request.target.path)")
                }
                return file
            })
        router.failure = { request, error in failure(request, error) }
        router.finish = { request, response in
            SecurityHeaders.add(to: &response, isSecure: request.isSecure)
            access.noteForwarder(of: request)
            // Without the query: a text that somebody searches for, or pastes by mistake, is nobody else's.
            logger.debug(
                "request",
                metadata: [
                    "method": "\(request.method)", "path": "\(request.target.path)",
                    "status": "\(response.status.code)", "address": "\(request.remoteAddress)",
                ])
        }
    }

    /// A route that only reads. An error that is not an answer is the server's own: it is logged here, once.
    private func get(
        _ router: inout Router, _ pattern: String, atHand: Router.AtHand? = nil, _ handler: @escaping Router.Handler
    ) {
        router.on(.get, pattern, atHand: atHand) { request, path in
            do {
                return try await handler(request, path).gzipped(for: request)
            } catch let error as HTTPError {
                throw error
            } catch {
                logger.warning("\(request.target.path.singleLine(limit: 100)): \("\(error)".singleLine())")
                throw HTTPError(
                    .serviceUnavailable, code: "store_unavailable",
                    message: "the store does not answer now; the server's log says why", headers: ["Retry-After": "10"])
            }
        }
    }

    private func readiness() async -> HTTPResponse {
        do {
            _ = try await history.queue()
        } catch {
            logger.warning("/readyz: the store does not answer: \("\(error)".singleLine())")
            return .text("the store does not answer\n", status: .serviceUnavailable)
        }
        if let reason = await unready() { return .text(reason.singleLine() + "\n", status: .serviceUnavailable) }
        return .text("ok\n")
    }
}

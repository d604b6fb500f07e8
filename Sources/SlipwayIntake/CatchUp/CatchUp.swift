import Foundation
package import Logging
package import SlipwayBase
package import SlipwayCore
import SlipwayHTTP
import SlipwayNet

/// Deploys what was pushed while the server was down, or whose delivery was lost: once, and only the newest.
///
/// Every few minutes each app's branches and tags are asked for and compared with where they were last seen. With a
/// GitHub token the webhook's failed deliveries are asked for first: they tell who pushed, and of releases, which no
/// branch or tag shows. What is found goes in by the door of the deliveries, so that it makes its jobs by the same
/// rules, and once.
package actor CatchUp {
    /// Seconds. A lost delivery is rare, and a person waits for it: minutes, and not longer. With a token a look costs
    /// two of the 5,000 requests that GitHub allows in an hour, for each app. Not in step with other servers.
    static let pauses = 270.0...330.0
    /// Repositories that are asked at once: each is a process and a connection.
    private static let mostAtOnce = 4

    private let configuration: Current<Configuration>
    private let deliveries: any DeliveryStore
    private let store: any TipStore & DeliveryCursor
    private let reader: any TipReader
    private let userAgent: String
    private let clock: any Clock<Duration>
    private let logger: Logger
    /// What is known to fail, so that it is said once.
    private var troubles: Set<String> = []
    /// Looks for which GitHub's API is to be left alone.
    private var quietLooks = 0

    /// - Parameters:
    ///   - logger: takes one line for each push or release that is taken up, and for each repository that is looked at for
    ///     the first time; one when something begins to fail, and one when it is over.
    package init(
        configuration: Current<Configuration>, deliveries: any DeliveryStore, store: any TipStore & DeliveryCursor,
        reader: any TipReader, userAgent: String, clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger
    ) {
        self.configuration = configuration
        self.deliveries = deliveries
        self.store = store
        self.reader = reader
        self.userAgent = userAgent
        self.clock = clock
        self.logger = logger
    }

    /// Looks at once, and then again and again until its task is cancelled.
    package func run() async {
        repeat {
            await look()
        } while (try? await clock.sleep(for: .seconds(Double.random(in: Self.pauses)))) != nil
    }

    private func look() async {
        let configuration = configuration.value
        quietLooks = max(0, quietLooks - 1)
        await withTaskGroup(of: Void.self) { group in
            for (index, app) in configuration.apps.enumerated() {
                if index >= Self.mostAtOnce { await group.next() }
                group.addTask { await self.look(at: app, configuration) }
            }
        }
    }

    private func look(at app: App, _ configuration: Configuration) async {
        await trying("catch-up for \(app.name)") {
            // Before the repository is asked: a delivery that comes after this knows better than its answer.
            let seen = try await store.seenTips(of: app)
            let tips = try await reader.tips(of: app)
            await takeMissedDeliveries(of: app, seen, tips, configuration)
            if let seen { return try await deliver(tips, of: app, seen) }
            try await store.note(tips, of: app, before: nil)
            logger.notice(
                "\(app.name): \(tips.count) branches and tags are as they are; what is pushed from now on is deployed"
            )
        }
    }

    private func deliver(_ tips: [Tip], of app: App, _ seen: [GitRef: CommitID]) async throws {
        let moves = TipMove.all(of: app, seen: seen, now: tips) { UUID().uuidString.lowercased() }
        let moved = Set(moves.map(\.ref))
        // What asks for nothing is noted first. Else a look after a kill would deploy the tags that a newer one has passed.
        try await store.note(
            tips.filter { !moved.contains($0.ref) }, of: app, before: seen.filter { !moved.contains($0.key) })
        for move in moves { try await deliver(move, of: app) }
        try await store.note(tips, of: app, before: seen)
    }

    private func deliver(_ move: TipMove, of app: App) async throws {
        let plans = try await store.open(move, of: app)
        guard !plans.isEmpty else { return }
        let body = Record(
            app: app.name, ref: move.ref.description, from: move.from?.description, to: move.to.description)
        let delivery = Delivery(guid: move.guid, source: .catchUp, event: "catch-up", body: try JSONText.encode(body))
        // Should a push be delivered just now, then this job has its commit too: it follows its branch.
        let receipt = try await deliveries.record(delivery, .plans(plans), repository: nil)
        DeliveryLine(delivery, plans[0]).write(receipt, to: logger)
    }

    /// What is stored as the delivery's body.
    private struct Record: Encodable {
        var app: String
        var ref: String
        var from: String?
        var to: String
    }

    // MARK: GitHub

    private func takeMissedDeliveries(
        of app: App, _ seen: [GitRef: CommitID]?, _ tips: [Tip], _ configuration: Configuration
    ) async {
        guard let token = configuration.github.token, quietLooks == 0 else { return }
        await trying("asking GitHub for the failed deliveries of \(app.repository)") {
            guard let publicURL = configuration.server.publicURL else { throw MissedDeliveries.Failure.noPublicURL }
            // Here, for reading the roots would be a third of the server's start.
            let client = HTTPClient(tls: try .current())
            let api = GitHubAPI(url: configuration.github.apiURL, token: token, userAgent: userAgent, client: client)
            let missed = MissedDeliveries(
                app: app, apps: configuration.apps, hook: publicURL + "/hooks/github", api: api, deliveries: deliveries,
                cursor: store, logger: logger)
            do {
                try await missed.take(seen: seen, now: tips)
            } catch GitHubAPIError.limited(let wait) {
                quietLooks = Int(wait / .seconds(Self.pauses.lowerBound)) + 1
                throw GitHubAPIError.limited(wait: wait)
            }
        }
    }

    // MARK: Troubles

    private func trying(_ what: String, _ work: () async throws -> Void) async {
        do {
            try await work()
            if troubles.remove(what) != nil { logger.warning("\(what) works again") }
        } catch {
            // A server that stops cuts off what is under way.
            guard !Task.isCancelled, troubles.insert(what).inserted else { return }
            logger.warning("\(what) fails, and is tried again until it works: \("\(error)".singleLine(limit: 500))")
        }
    }
}

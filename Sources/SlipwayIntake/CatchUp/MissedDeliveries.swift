import Logging
import SlipwayBase
import SlipwayCore

/// The deliveries of an app's webhook that did not arrive, taken in as if they had. They come over TLS from GitHub
/// itself, so there is no signature to check.
struct MissedDeliveries: Sendable {
    let app: App
    /// All of the server's: another may have the same repository.
    let apps: [App]
    /// The address of this server's door.
    let hook: String
    let api: GitHubAPI
    let deliveries: any DeliveryStore
    let cursor: any DeliveryCursor
    let logger: Logger

    enum Failure: Error {
        case noPublicURL
        case noHook(String, repository: String)
    }

    /// - Parameters:
    ///   - seen: where branches and tags were last seen; nil: the server has never looked, and begins with what comes.
    ///   - now: where they are.
    /// - Throws: `GitHubAPIError`, `Failure`, or what the store throws; what was taken by then is not taken again.
    func take(seen: [GitRef: CommitID]?, now: [Tip]) async throws {
        let (place, hooks, repositoryID) = try await find()
        let now = Dictionary(uniqueKeysWithValues: now.map { ($0.ref, $0.commit) })
        for hook in hooks {
            let known = try await cursor.lastDelivery(of: hook.id, app: app)
            let attempts = try await api.attempts(of: hook.id, of: place, after: known)
            if let seen, known != nil {
                let own = attempts.filter { repositoryID == nil || $0.repositoryID == repositoryID }
                try await takePushes(among: own, of: hook.id, place, seen, now)
                try await takeReleases(among: own, of: hook.id, place)
            }
            guard let newest = attempts.first?.id ?? (known == nil ? 0 : nil) else { continue }
            try await cursor.note(lastDelivery: newest, of: hook.id, app: app)
        }
    }

    /// The hooks that deliver here: the repository's, or its organization's.
    /// - Returns: with an organization's also which of the deliveries are the repository's.
    private func find() async throws -> (GitHubAPI.HookPlace, [GitHubAPI.Hook], repositoryID: Int64?) {
        let repository = GitHubAPI.HookPlace.repository(app.repository)
        let own = try await hooks(of: repository)
        if !own.isEmpty { return (repository, own, nil) }
        let organization = GitHubAPI.HookPlace.organization(String(app.repository.prefix { $0 != "/" }))
        let shared = try await hooksIfShown(of: organization)
        guard !shared.isEmpty else { throw Failure.noHook(hook, repository: app.repository) }
        return (organization, shared, try await api.repositoryID(of: app.repository))
    }

    private func hooks(of place: GitHubAPI.HookPlace) async throws(GitHubAPIError) -> [GitHubAPI.Hook] {
        // The door takes them with a slash behind it, too.
        try await api.hooks(of: place).filter { $0.config.url == hook || $0.config.url == hook + "/" }
    }

    /// None of a person, and none where the token may not see them: GitHub does not say which.
    private func hooksIfShown(of place: GitHubAPI.HookPlace) async throws(GitHubAPIError) -> [GitHubAPI.Hook] {
        do {
            return try await hooks(of: place)
        } catch {
            guard case .notAllowed = error else { throw error }
            return []
        }
    }

    /// Each is a request. Of older pushes the branches and tags themselves tell all that matters.
    private static let mostAtOnce = 100

    /// - Parameter attempts: newest first.
    /// - Returns: the first attempt of each delivery of an event, oldest first, and whether any attempt of it arrived.
    private static func deliveries(
        of event: String, among attempts: [GitHubAPI.Attempt]
    ) -> [(attempt: GitHubAPI.Attempt, hasArrived: Bool)] {
        let arrived = Set(attempts.filter(\.hasArrived).map(\.guid))
        var known: Set<String> = []
        // By their first attempt: one that is repeated late is not newer for that.
        return attempts.reversed().filter { $0.event == event && known.insert($0.guid).inserted }
            .map { ($0, arrived.contains($0.guid)) }
    }

    private func takePushes(
        among attempts: [GitHubAPI.Attempt], of hook: Int64, _ place: GitHubAPI.HookPlace,
        _ seen: [GitRef: CommitID], _ now: [GitRef: CommitID]
    ) async throws {
        let missed = Self.deliveries(of: "push", among: attempts).filter { !$0.hasArrived }
        for (attempt, _) in missed.suffix(Self.mostAtOnce) {
            guard let sent = try await sent(attempt, of: hook, place), isNews(sent.event.event, seen, now) else {
                continue
            }
            try await record(attempt, of: hook, sent, decide(sent, attempt))
        }
    }

    /// Of releases a target gets the newest that it takes, unless that has arrived. What kind of release one is stands
    /// only in what was sent, so they are asked for one by one, the newest first, until no target waits for an older one.
    private func takeReleases(
        among attempts: [GitHubAPI.Attempt], of hook: Int64, _ place: GitHubAPI.HookPlace
    ) async throws {
        var waiting = siblings.flatMap { app in
            app.targets.filter { $0.when.release != nil }.map { (app: app.name, target: $0) }
        }
        for (attempt, hasArrived) in Self.deliveries(of: "release", among: attempts).suffix(Self.mostAtOnce).reversed()
        {
            guard waiting.contains(where: { $0.target.when.release == attempt.action }) else { continue }
            guard let sent = try await sent(attempt, of: hook, place) else { continue }
            guard case .plans(let plans) = decide(sent, attempt) else { continue }
            let first = plans.filter { plan in
                waiting.contains { $0.app == plan.app && $0.target.name == plan.target }
            }
            waiting.removeAll { place in plans.contains { $0.app == place.app && $0.target == place.target.name } }
            if !hasArrived, !first.isEmpty { try await record(attempt, of: hook, sent, .plans(first)) }
        }
    }

    /// It is of the app's repository, whatever that was called then.
    private var siblings: [App] { apps.of(app.configuredRepository) }

    private func decide(_ sent: Sent, _ attempt: GitHubAPI.Attempt) -> Decision {
        Planner(apps: siblings).decide(sent.event.event, delivery: attempt.guid) { _ in app.name }
    }

    private struct Sent {
        var event: GitHubEvent
        var body: [UInt8]
    }

    /// - Returns: nil for what cannot be read: it would have been refused at the door.
    private func sent(
        _ attempt: GitHubAPI.Attempt, of hook: Int64, _ place: GitHubAPI.HookPlace
    ) async throws -> Sent? {
        let body = try await api.payload(of: attempt.id, of: hook, of: place)
        let event = try? body.withUnsafeBytes { try GitHubEvent(name: attempt.event, json: $0) }
        return event.map { Sent(event: $0, body: body) }
    }

    private func record(
        _ attempt: GitHubAPI.Attempt, of hook: Int64, _ sent: Sent, _ decision: Decision
    ) async throws {
        let delivery = Delivery(
            guid: attempt.guid, source: .github, event: attempt.event,
            headers: [
                ("X-GitHub-Event", attempt.event), ("X-GitHub-Delivery", attempt.guid), ("X-GitHub-Hook-ID", "\(hook)"),
            ], body: sent.body)
        let receipt = try await deliveries.record(delivery, decision, repository: sent.event.repository)
        DeliveryLine(delivery, sent.event, apps: siblings.map(\.name)).write(receipt, to: logger)
    }

    /// Of a push what counts is where its ref is now: another push may have come after it, and arrived.
    private func isNews(_ event: Event, _ seen: [GitRef: CommitID], _ now: [GitRef: CommitID]) -> Bool {
        switch event {
        case .push(let push):
            guard let commit = push.commit?.id else { return false }
            return now[push.ref] == commit && seen[push.ref] != commit
        case .release: return true
        case .ping, .unrelated: return false
        }
    }
}

extension MissedDeliveries.Failure: CustomStringConvertible {
    var description: String {
        switch self {
        case .noPublicURL: "server.public_url is not set, which tells this server's webhook from others"
        case .noHook(let address, let repository):
            "\(repository) has no webhook for \(address), and its organization shows none to this token: add one, or put "
                + "the address that it has into server.public_url"
        }
    }
}

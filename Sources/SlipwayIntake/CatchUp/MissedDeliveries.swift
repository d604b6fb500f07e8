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
                for attempt in Self.missed(among: own) { try await take(attempt, of: hook.id, place, seen, now) }
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
        try await api.hooks(of: place).filter { $0.config.url == hook }
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

    /// Those that can bring something: pushes, and of releases the newest for each action, unless that has arrived.
    /// - Parameter attempts: newest first.
    /// - Returns: oldest first, one for each delivery of which no attempt arrived.
    static func missed(among attempts: [GitHubAPI.Attempt]) -> [GitHubAPI.Attempt] {
        let arrived = Set(attempts.filter(\.hasArrived).map(\.guid))
        var known: Set<String> = []
        // By their first attempt: one that is repeated late is not newer for that.
        let deliveries = attempts.reversed().filter { known.insert($0.guid).inserted }
        let releases = deliveries.filter { $0.event == "release" }
        let newest = Dictionary(releases.map { ($0.action, $0.guid) }, uniquingKeysWith: { $1 })
        let wanted = deliveries.filter { attempt in
            !arrived.contains(attempt.guid)
                && (attempt.event == "push" || attempt.event == "release" && newest[attempt.action] == attempt.guid)
        }
        return wanted.suffix(mostAtOnce)
    }

    /// Each is a request. Of older pushes the branches and tags themselves tell all that matters.
    private static let mostAtOnce = 100

    private func take(
        _ attempt: GitHubAPI.Attempt, of hook: Int64, _ place: GitHubAPI.HookPlace, _ seen: [GitRef: CommitID],
        _ now: [GitRef: CommitID]
    ) async throws {
        let body = try await api.payload(of: attempt.id, of: hook, of: place)
        // What cannot be read would have been refused at the door.
        guard let event = try? body.withUnsafeBytes({ try GitHubEvent(name: attempt.event, json: $0) }),
            isNews(event.event, seen, now)
        else { return }
        let delivery = Delivery(
            guid: attempt.guid, source: .github, event: attempt.event,
            headers: [
                ("X-GitHub-Event", attempt.event), ("X-GitHub-Delivery", attempt.guid), ("X-GitHub-Hook-ID", "\(hook)"),
            ], body: body)
        // It is of the app's repository, whatever that was called then.
        let siblings = apps.filter { $0.repository.lowercased() == app.repository.lowercased() }
        let decision = Planner(apps: siblings).decide(event.event, delivery: attempt.guid) { _ in app.name }
        _ = try await deliveries.record(delivery, decision, repository: event.repository)
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

import SlipwayBase
import SlipwayCore

/// What a GitHub delivery says: the event in our words, and the repository it is about.
struct GitHubEvent: Sendable {
    var event: Event
    var repository: Repository?
    /// What a ping shows to be set up other than this server needs it, as sentences.
    var warnings: [String] = []

    enum ParseError: Error, Sendable {
        case notJSON
        case missing(field: String)
        case invalid(field: String)
    }

    /// - Parameters:
    ///   - name: the value of `X-GitHub-Event`.
    ///   - json: the payload.
    init(name: String, json: UnsafeRawBufferPointer) throws(ParseError) {
        let payload: GitHubPayload
        do {
            payload = try GitHubPayload(json: json)
        } catch {
            throw .notJSON
        }
        if let fields = payload.repository, let fullName = fields.fullName {
            repository = Repository(.github, number: fields.id, fullName: fullName)
        }
        switch name {
        case "ping":
            event = .ping
            warnings = Self.warnings(about: payload.hook)
        case "push": event = try Self.push(payload, of: repository)
        case "release": event = try Self.release(payload, of: repository)
        default: event = .unrelated(reason: Self.unrelated(name))
        }
    }

    private static func push(_ payload: GitHubPayload, of repository: Repository?) throws(ParseError) -> Event {
        guard let repository else { throw .missing(field: "repository.full_name") }
        guard let name = payload.ref else { throw .missing(field: "ref") }
        guard let ref = GitRef(name) else {
            return .unrelated(reason: "\(name.singleLine(limit: 100)) is neither a branch nor a tag; only these deploy")
        }
        guard let text = payload.after else { throw .missing(field: "after") }
        guard let after = CommitID(text) else { throw .invalid(field: "after") }
        let pusher = payload.pusher?.name ?? payload.sender?.login
        guard payload.deleted != true, !after.isZero else {
            return .push(Event.Push(repository: repository, ref: ref, commit: nil, pusher: pusher))
        }
        let head = payload.headCommit
        // `after` of an annotated tag is the tag object, and only `head_commit` names the commit. Without it the
        // commit is found out by checkout.
        let id = ref.kind == .branch ? after : head?.id.flatMap { CommitID($0) }
        let commit = Commit(
            id: id, message: head?.message ?? "", author: head?.author?.name ?? head?.author?.login)
        return .push(Event.Push(repository: repository, ref: ref, commit: commit, pusher: pusher))
    }

    private static func release(_ payload: GitHubPayload, of repository: Repository?) throws(ParseError) -> Event {
        guard let repository else { throw .missing(field: "repository.full_name") }
        guard let action = payload.action else { throw .missing(field: "action") }
        guard let name = payload.release?.tagName else { throw .missing(field: "release.tag_name") }
        guard let tag = GitRef(.tag, name) else {
            return .unrelated(reason: "\(name.singleLine(limit: 100)) is not a tag name; the release deploys nothing")
        }
        let title = payload.release?.name ?? ""
        return .release(
            Event.ReleaseAction(
                repository: repository, action: action, tag: tag, title: title.isEmpty ? name : title,
                sender: payload.sender?.login, isPrerelease: payload.release?.prerelease == true,
                isDraft: payload.release?.draft == true))
    }

    private static func unrelated(_ name: String) -> String {
        switch name {
        case "create", "delete": "\(name) events deploy nothing: GitHub sends a push for the same change"
        default: "\(name.singleLine(limit: 64)) events deploy nothing; only push and release do"
        }
    }

    private static func warnings(about hook: GitHubPayload.HookFields?) -> [String] {
        guard let events = hook?.events, !events.contains("*") else { return [] }
        return ["push", "release"].filter { !events.contains($0) }.map { "this hook sends no \($0) events" }
    }
}

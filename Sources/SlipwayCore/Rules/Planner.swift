internal import SlipwayBase

/// Turns an event into plans, from the configuration alone.
package struct Planner: Sendable {
    private let apps: [App]

    package init(apps: [App]) {
        self.apps = apps
    }

    /// - Parameter renamed: the app whose repository had this GitHub id when it was last seen, for a repository that
    ///   has been renamed since the configuration was written.
    package func decide(
        _ event: Event, delivery: String, renamed: (_ repositoryID: Int64) -> String? = { _ in nil }
    ) -> Decision {
        switch event {
        case .ping: .pong
        case .unrelated(let reason): .ignored(reason: reason)
        case .push(let push): decide(push, delivery, renamed)
        case .release(let release): decide(release, delivery, renamed)
        }
    }

    private func decide(_ push: Event.Push, _ delivery: String, _ renamed: (Int64) -> String?) -> Decision {
        let what = "\(push.ref.kind.rawValue) \(push.ref.name.singleLine(limit: 100))"
        guard let commit = push.commit, commit.id?.isZero != true else {
            return .ignored(reason: "\(what) was deleted; deletions deploy nothing")
        }
        let apps = apps(of: push.repository, renamed)
        guard !apps.isEmpty else { return .ignored(reason: unknown(push.repository)) }
        let trigger = Trigger(
            kind: push.ref.kind == .branch ? .push : .tag, ref: push.ref.description, delivery: delivery,
            by: push.pusher)
        let plans = apps.flatMap { app in
            let targets = app.targets.filter { $0.when.matches(push.ref) }.map(\.name)
            if targets.isEmpty, app.test != nil, push.ref.kind == .branch {
                return [Plan(app: app.name, target: nil, trigger: trigger, commit: commit)]
            }
            return targets.map { Plan(app: app.name, target: $0, trigger: trigger, commit: commit) }
        }
        guard !plans.isEmpty else {
            let names = apps.map(\.name).joined(separator: ", ")
            return .ignored(reason: "no target of \(names) deploys \(what)")
        }
        return .plans(plans)
    }

    private func decide(
        _ release: Event.ReleaseAction, _ delivery: String, _ renamed: (Int64) -> String?
    ) -> Decision {
        let apps = apps(of: release.repository, renamed)
        guard !apps.isEmpty else { return .ignored(reason: unknown(release.repository)) }
        let trigger = Trigger(
            kind: .release, ref: release.tag.description, delivery: delivery, by: release.sender)
        let plans = apps.flatMap { app in
            app.targets.filter { $0.when.release == release.action }.map {
                Plan(app: app.name, target: $0.name, trigger: trigger, commit: Commit(id: nil, message: release.title))
            }
        }
        guard !plans.isEmpty else {
            let names = apps.map(\.name).joined(separator: ", ")
            return .ignored(reason: "no target of \(names) deploys on release \(release.action.singleLine(limit: 40))")
        }
        return .plans(plans)
    }

    private func apps(of repository: Repository, _ renamed: (Int64) -> String?) -> [App] {
        let named = apps.filter { $0.repository.lowercased() == repository.fullName.lowercased() }
        guard named.isEmpty, let id = repository.id, let name = renamed(id) else { return named }
        return apps.filter { $0.name == name }
    }

    private func unknown(_ repository: Repository) -> String {
        "repository \(repository.fullName.singleLine(limit: 150)) belongs to no app of this server"
    }
}

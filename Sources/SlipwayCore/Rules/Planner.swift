internal import SlipwayBase

/// Turns an event into plans, from the configuration alone.
package struct Planner: Sendable {
    private let apps: [App]

    package init(apps: [App]) {
        self.apps = apps
    }

    /// - Parameter renamed: the app whose repository had this number when it was last seen, for a repository that
    ///   has been renamed since the configuration was written.
    package func decide(
        _ event: Event, delivery: String, renamed: (Repository.ID) -> String? = { _ in nil }
    ) -> Decision {
        switch event {
        case .ping: .pong
        case .unrelated(let reason): .ignored(reason: reason)
        case .push(let push): decide(push, delivery, renamed)
        case .release(let release): decide(release, delivery, renamed)
        }
    }

    private func decide(_ push: Event.Push, _ delivery: String, _ renamed: (Repository.ID) -> String?) -> Decision {
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
            return .ignored(reason: "no target of \(names(apps)) deploys \(what)" + exclusion(of: push.ref, in: apps))
        }
        return .plans(plans)
    }

    private func decide(
        _ release: Event.ReleaseAction, _ delivery: String, _ renamed: (Repository.ID) -> String?
    ) -> Decision {
        let apps = apps(of: release.repository, renamed)
        guard !apps.isEmpty else { return .ignored(reason: unknown(release.repository)) }
        let trigger = Trigger(
            kind: .release, ref: release.tag.description, delivery: delivery, by: release.sender)
        let plans = apps.flatMap { app in
            app.targets.filter { $0.when.matches(release) }.map {
                Plan(app: app.name, target: $0.name, trigger: trigger, commit: Commit(id: nil, message: release.title))
            }
        }
        guard !plans.isEmpty else {
            return .ignored(reason: reasonToIgnore(release, apps))
        }
        return .plans(plans)
    }

    /// The pattern that keeps out what another one of the same target takes in.
    private func exclusion(of ref: GitRef, in apps: [App]) -> String {
        let patterns = apps.flatMap(\.targets).compactMap { $0.when.patterns(for: ref).deciding(ref.name) }
        let key = ref.kind == .branch ? "push" : "tag"
        return patterns.first.map { ": `\($0)` in when.\(key) leaves it out" } ?? ""
    }

    private func reasonToIgnore(_ release: Event.ReleaseAction, _ apps: [App]) -> String {
        let tag = release.tag.name.singleLine(limit: 100)
        let conditions = apps.flatMap(\.targets).map(\.when)
        if conditions.contains(where: { $0.release == release.action }) {
            if release.isDraft { return "\(tag) is a draft, and drafts deploy nothing" }
            return "\(tag) is a pre-release, and no target of \(names(apps)) deploys these; "
                + "prereleases: true in a target's when adds them"
        }
        let reason = "no target of \(names(apps)) deploys on release \(release.action.singleLine(limit: 40))"
        guard release.action == "released", conditions.contains(where: { $0.release == "published" }) else {
            return reason
        }
        return reason + ", which GitHub sends beside published, and when a pre-release becomes a release: "
            + "when: {release: released} deploys on it"
    }

    private func names(_ apps: [App]) -> String { apps.map(\.name).joined(separator: ", ") }

    private func apps(of repository: Repository, _ renamed: (Repository.ID) -> String?) -> [App] {
        apps.of(repository, former: repository.id.flatMap(renamed))
    }

    private func unknown(_ repository: Repository) -> String {
        "repository \(repository.fullName.singleLine(limit: 150)) belongs to no app of this server"
    }
}

import SlipwayBase

extension Platform {
    /// Adds a release and sets going what follows from it: its release phase, then new dynos.
    @discardableResult
    func makeRelease(
        of id: String, description: String, images: [String: ImageReference], runsReleasePhase: Bool = true
    ) -> SandboxRelease? {
        let release = update(id) { app in
            var release = SandboxRelease(
                version: (app.newest?.version ?? 0) + 1, description: description, images: images,
                configVars: app.configVars, conflicts: behaviour.value.dynoConflicts)
            if runsReleasePhase, images["release"] != nil {
                release.output = OutputChannel()
            }
            app.releases.append(release)
            app.log.append("app", "api", "Release v\(release.version) created by user \(settings.email)")
            app.log.append("app", "api", "\(release.description) by user \(settings.email)")
            return release
        }
        advanceReleases(of: id)
        return apps[id]?.releases.first { $0.version == release?.version }
    }

    /// Takes up the oldest pending release that nothing holds back; releases go live in their order.
    func advanceReleases(of id: String) {
        while let app = apps[id], !app.isReleasing,
            let release = app.releases.first(where: { $0.status == .pending && !stuck.contains($0.id) })
        {
            if release.output != nil {
                _ = update(id) { $0.isReleasing = true }
                startReleasePhase(of: release, id)
            } else {
                settle(release, .succeeded, of: id)
            }
        }
    }

    /// A release's status becomes final, or would, if it were not one of those that stay pending.
    func settle(_ release: SandboxRelease, _ status: SandboxRelease.Status, of id: String) {
        if behaviour.value.stuckReleases > 0 {
            behaviour.value.stuckReleases -= 1
            stuck.insert(release.id)
            return
        }
        updateRelease(release.version, of: id) { $0.status = status }
        guard status == .succeeded else { return }
        _ = update(id) { app in
            app.currentVersion = release.version
            if !release.images.isEmpty {
                app.releasedAt = .now()
                app.stack = app.buildStack
            }
        }
        replaceDynos(of: id)
    }

    /// - Parameter identity: a release's id or version.
    func release(_ identity: String, of app: SandboxApp) throws(APIError) -> SandboxRelease {
        let version = Int(identity.hasPrefix("v") ? String(identity.dropFirst()) : identity)
        guard let release = app.releases.first(where: { $0.id == identity || $0.version == version }) else {
            throw .notFound("release")
        }
        return release
    }

    func json(_ release: SandboxRelease, of app: SandboxApp) -> JSON {
        release.json(of: app, user: user, output: release.output.map { "\(apiURL)/streams/\($0.secret)" })
    }

    func rollBack(_ identity: String, to target: String?) throws(APIError) -> SandboxRelease {
        let app = try app(identity)
        // A version is refused here, as Heroku does (docs/heroku.md, 4.2).
        guard let target, let old = app.releases.first(where: { $0.id == target }) else {
            throw .invalid("release must be the id of a release of this app")
        }
        guard old.status == .succeeded, !old.images.isEmpty else {
            throw .invalid("Cannot rollback to v\(old.version): it is not eligible for rollback.")
        }
        _ = update(app.id) { app in
            app.configVars = old.configVars
            app.effects.rollbacks += 1
        }
        let images = behaviour.value.rollbackRestoresImages ? old.images : app.newest?.images ?? [:]
        guard
            let release = makeRelease(
                of: app.id, description: "Rollback to v\(old.version)", images: images,
                runsReleasePhase: behaviour.value.rollbackRunsReleasePhase)
        else { throw .notFound("app") }
        return release
    }

    /// The output of a release phase, for whoever knows its secret.
    func output(_ secret: String) -> OutputChannel? {
        for app in apps.values {
            for release in app.releases where release.output?.secret == secret { return release.output }
        }
        return nil
    }
}

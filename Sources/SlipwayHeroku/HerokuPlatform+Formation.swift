import SlipwayBase
import SlipwayCore
import SlipwayDeploy

/// The configuration owns the formation: what it no longer names does not go on with older code.
extension HerokuPlatform {
    /// Before a release, which would run it.
    func removeLeftReleaseImage(_ api: HerokuAPI, _ context: StepContext) async throws {
        guard Formation(types: try await api.formation(app), target: target).hasLeftReleaseImage else { return }
        await context.log.line(
            "\(app) has an image of the type release, though this target has no migration in the release phase: removing "
                + "it, or Heroku would run that older migration with each release")
        let removal = ImageRemoval(place: target.place, type: ReleaseImage.type)
        do {
            try await recorded(Effect.remove, removal, in: context) {
                try await api.removeImage(of: ReleaseImage.type, app)
            } look: { _ in
                ((), .done(Nothing()))
            }
        } catch let error as HerokuError where error.isNotFound {
            await context.log.line("Heroku has no such image any more")
        }
    }

    /// Once a release runs: before that the older one needs its dynos.
    func fitFormation(to release: PlatformRelease, _ api: HerokuAPI, _ context: StepContext) async throws {
        let formation = Formation(types: try await api.formation(app), target: target)
        for type in formation.dropped {
            await context.log.line(
                "\(type) of \(app) is not among this target's processes, so it would go on with older code: scaling it to 0"
            )
            try await scale(type, to: 0, api, context)
        }
        guard !formation.idle.isEmpty else { return }
        let isFirst = try await isFirst(release, api)
        for type in formation.idle {
            // A new app's web is often scaled to 0, and its first page then H14; any other type always is (T13). Whoever
            // scales one down later means it.
            if isFirst, type == formation.first {
                await context.log.line("first release of \(app), whose \(type) is scaled to 0: scaling it to 1")
                try await scale(type, to: 1, api, context)
            } else {
                await context.log.line(
                    "\(type) of \(app) is scaled to 0 and stays so; `heroku ps:scale \(type)=1 -a \(app)` starts it")
            }
        }
    }

    private func isFirst(_ release: PlatformRelease, _ api: HerokuAPI) async throws -> Bool {
        try await !api.releases(app, latest: HerokuAPI.manyReleases).contains {
            $0.version < release.version && $0.description?.hasPrefix("Deployed") == true
        }
    }

    private func scale(_ type: String, to quantity: Int, _ api: HerokuAPI, _ context: StepContext) async throws {
        let change = ScaleChange(place: target.place, type: type, quantity: quantity)
        try await recorded(Effect.scale, change, in: context) {
            try await api.scale(type, of: app, to: quantity)
        } look: { _ in
            ((), .done(Nothing()))
        }
    }
}

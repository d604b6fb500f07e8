import SlipwayBase
import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func release(_ image: PublishedImage, in context: StepContext) async throws -> PlatformRelease {
        try await atEdge {
            if let release = context.releaseBegun { return release }
            let images = image.images
            let api = api.reporting(to: context.log)
            try await prepare(api, context.log)
            try await removeLeftReleaseImage(api, context)
            let earlier = context.earlier.filter { $0.effect.state == .begun }.last(\.release) {
                $0.isMeant(for: target)
            }
            let latest = try await api.releases(app, latest: earlier == nil ? 1 : 10)
            let versionBefore = earlier?.intent.versionBefore ?? latest.first?.version ?? 0
            if let earlier, let own = Self.own(images, after: versionBefore, in: latest) {
                await context.log.line("Heroku made release v\(own.version) of these images before the server stopped")
                let release = PlatformRelease(id: own.id, version: own.version, wasAlreadyRunning: false)
                try await context.journal.end(earlier.id, as: .release(earlier.intent, .done(.made(release))))
                return release
            }
            await context.log.line(
                "releasing \(images.map { "\($0.type) \($0.image.imageDigits)" }.joined(separator: ", ")) to \(app), "
                    + "whose latest release is v\(versionBefore)")
            let change = ReleaseChange(
                place: target.place, images: Dictionary(images.map { ($0.type, $0.image) }) { $1 },
                versionBefore: versionBefore)
            let found = try await recorded(Effect.release, change, in: context) {
                try await api.setImages(images, of: app)
            } look: { answer in
                let found = try await newRelease(
                    of: images, after: versionBefore,
                    saidNothingChanged: Self.say(answer.warnings, nothingChanged: images.map(\.type)),
                    api)
                let release = found.map { PlatformRelease(id: $0.id, version: $0.version, wasAlreadyRunning: false) }
                return (release, .done(release.map(ReleaseOutcome.made) ?? .alreadyRunning))
            }
            if let found {
                await context.log.line("Heroku made release v\(found.version)")
                return found
            }
            return try await restart(images, api, context)
        }
    }

    /// What an app needs before it can take an image (T9).
    private func prepare(_ api: HerokuAPI, _ log: StepLog) async throws {
        let known = try await api.app(app)
        guard known.isCedar else {
            throw StepFailure(
                "\(app) is an app of Heroku's generation \(known.generation?.name ?? "?"), which takes no images from "
                    + "the container registry; deploy to an app of the generation cedar")
        }
        if known.maintenance == true {
            await log.line("\(app) is in maintenance mode: its pages answer 503 until you end it")
        }
        guard !known.takesContainers else { return }
        await log.line("\(app) is on the stack \(known.stack?.name ?? "?"); changing it to container")
        try await api.setContainerStack(app)
    }

    /// The release that the change of the formation made; nil when it made none, which Heroku tells only by a header
    /// (T5). Releases by others (a config var, an add-on) may stand beside it.
    private func newRelease(
        of images: [ProcessImage], after version: Int, saidNothingChanged: Bool, _ api: HerokuAPI
    ) async throws -> ReleaseResource? {
        let watch = Stopwatch(clock)
        var pauses = Pauses.polling(limits)
        while true {
            let latest = try await api.releases(app, latest: 10)
            if let own = Self.own(images, after: version, in: latest) { return own }
            if !saidNothingChanged, let other = latest.last(where: { $0.version > version }) {
                await api.say(
                    "release v\(other.version) does not name our images; taking it for ours as the first new one")
                return other
            }
            guard !saidNothingChanged, watch.elapsed < limits.releaseTime else { return nil }
            try await clock.sleep(for: pauses.take())
        }
    }

    private static func own(
        _ images: [ProcessImage], after version: Int, in releases: [ReleaseResource]
    ) -> ReleaseResource? {
        releases.first { $0.version > version && $0.names(anyOf: images.map(\.image)) }
    }

    /// Whether the warnings say of every type that it runs its image already; in a mixed change only some do.
    private static func say(_ warnings: [String], nothingChanged types: [String]) -> Bool {
        let words = warnings.filter { $0.contains("already running") }.joined(separator: " ")
            .split { !$0.isLetter && !$0.isNumber && $0 != "_" && $0 != "-" }
        return types.allSatisfy { type in words.contains { $0 == type } }
    }

    /// The images run already, or Heroku believes so.
    private func restart(
        _ images: [ProcessImage], _ api: HerokuAPI, _ context: StepContext
    ) async throws -> PlatformRelease {
        let releases = try await api.releases(app, latest: HerokuAPI.manyReleases)
        let current = releases.first { $0.current == true } ?? releases.first { $0.status == "succeeded" }
        let own = releases.first { $0.names(anyOf: images.map(\.image)) }
        if let own, own.version > current?.version ?? 0 {
            if own.isPending {
                await context.log.line("release v\(own.version) of these images is still under way; following it")
                return PlatformRelease(id: own.id, version: own.version, wasAlreadyRunning: false)
            }
            // T19: Heroku compares with the last attempt, not with what runs.
            if own.status != "succeeded" {
                throw StepFailure(
                    "Heroku made no release: it tried these images as v\(own.version), which \(own.status), and "
                        + "ignores them now; deploy again so that a different image is built")
            }
        }
        guard let current else {
            throw StepFailure("Heroku made no release of \(app) and names none that runs; look at the app's activity")
        }
        let formation = try await api.formation(app)
        let old = try await api.dynos(app).filter { $0.belongs(to: formation) }
        let release = PlatformRelease(id: current.id, version: current.version, wasAlreadyRunning: true)
        if let earlier = context.earlier.last(\.restart, { $0.place == target.place }), case .begun = earlier.progress,
            earlier.intent.hasHappened(to: old, of: current)
        {
            await context.log.line("the dynos of \(app) were restarted before the server stopped")
            try await context.journal.end(earlier.id, as: .restart(earlier.intent, .done(release)))
            return release
        }
        await context.log.line(
            "no new release: \(app) already runs these images (v\(current.version)); restarting its dynos instead")
        let intent = Restart(place: target.place, version: current.version, instances: old.map(\.life))
        try await recorded(Effect.restart, intent, in: context) {
            try await api.restartDynos(app)
        } look: { _ in
            ((), .done(release))
        }
        try await waitUntilReplaced(old, api)
        return release
    }

    /// A restart keeps names and version, so that a dyno not yet stopped would pass for its successor.
    private func waitUntilReplaced(_ old: [DynoResource], _ api: HerokuAPI) async throws {
        let formerly = Set(old.map(\.life))
        let watch = Stopwatch(clock)
        var pauses = Pauses.polling(limits)
        while true {
            let remaining = try await api.dynos(app).filter { $0.isUp && formerly.contains($0.life) }
            if remaining.isEmpty { return }
            guard watch.elapsed < limits.restartTime else {
                let names = remaining.map(\.name).joined(separator: ", ")
                await api.say("\(names) of \(app) did not restart in \(limits.restartTime.inWords); going on")
                return
            }
            try await clock.sleep(for: pauses.take())
        }
    }
}

extension Restart {
    /// Of one whose end nobody wrote down: whether none of the dynos is one that was to be restarted.
    fileprivate func hasHappened(to dynos: [DynoResource], of release: ReleaseResource) -> Bool {
        version == release.version && Set(instances).isDisjoint(with: dynos.map(\.life))
    }
}

extension DynoResource {
    /// Changes with a restart, which may keep the id.
    fileprivate var life: String { "\(id)@\(updatedAt ?? "")" }
}

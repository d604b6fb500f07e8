import SlipwayBase
import SlipwayCore

extension JobRun {
    /// Releases the images and migrates, in the order that the migration's way asks for.
    func goLive(_ image: PushedImage, _ app: App, _ target: Target) async throws -> PlatformRelease {
        let platform: any ReleasePlatform
        do {
            platform = try parts.platform(configuration.heroku)
        } catch {
            throw JobFailure(
                reason: "release: Heroku cannot be spoken to: \((error as? StepFailure)?.reason ?? "\(error)")")
        }
        guard let migration = target.migrate else {
            return try await step(.release, app, target, ended: PlatformRelease.recorded) {
                try await self.release(image, platform, $0)
            }
        }
        let limit = migration.timeout + parts.limits.slack
        switch migration.run {
        case .releasePhase:
            let release = try await step(.migrate, app, target, within: limit, ended: PlatformRelease.recorded) {
                try await releaseWithPhase(image, migration, platform, $0)
            }
            try await step(.release, app, target, ended: { _ in () }) { context -> StepResult<Void> in
                try await platform.waitForDynos(release, in: context)
                return .done
            }
            return release
        case .oneOff:
            let release = try await step(.release, app, target, ended: PlatformRelease.recorded) {
                try await self.release(image, platform, $0)
            }
            try await step(.migrate, app, target, within: limit, ended: { _ in () }) {
                try await migrateOnce(migration, image, platform, $0)
            }
            return release
        }
    }

    /// In one step, with its release phase where the target has one that is no migration: a rollback's.
    func release(_ image: PushedImage, _ platform: any ReleasePlatform, _ context: StepContext) async throws
        -> StepResult<PlatformRelease>
    {
        let release = try await platform.release(updates(image, context), in: context)
        if let phase = context.target?.migrate, phase.run == .releasePhase, !release.wasAlreadyRunning {
            try await waitForPhase(release, image, timeout: phase.timeout, platform, context)
        }
        try await platform.waitForDynos(release, in: context)
        return .done(release, reason: release.wasAlreadyRunning ? Self.alreadyRunning(release) : nil)
    }

    /// From the change of the formation to the release's final status.
    private func releaseWithPhase(
        _ image: PushedImage, _ migration: Migration, _ platform: any ReleasePlatform, _ context: StepContext
    ) async throws -> StepResult<PlatformRelease> {
        let release = try await platform.release(updates(image, context), in: context)
        if release.wasAlreadyRunning {
            return .skipped(release, reason: "\(Self.alreadyRunning(release)); it was migrated then")
        }
        try await waitForPhase(release, image, timeout: migration.timeout, platform, context)
        if let target = context.target, try await !mustMigrate(migration, image, context.app, target) {
            return .skipped(release, reason: Self.migratedBefore)
        }
        try await record(migration, of: image, context)
        return .done(release)
    }

    private func waitForPhase(
        _ release: PlatformRelease, _ image: PushedImage, timeout: Duration, _ platform: any ReleasePlatform,
        _ context: StepContext
    ) async throws {
        do {
            try await platform.waitForReleasePhase(release, timeout: timeout, in: context)
        } catch let failure as StepFailure {
            if let target = context.target {
                let (releases, app, job) = (parts.releases, context.app.name, job.id)
                try? await parts.patience.write {
                    try await releases.recordFailedRelease(of: image.image, app: app, target: target.name, job: job)
                }
            }
            throw failure
        }
    }

    private func migrateOnce(
        _ migration: Migration, _ image: PushedImage, _ platform: any ReleasePlatform, _ context: StepContext
    ) async throws -> StepResult<Void> {
        // What this job has begun itself is followed to its end, not skipped as done before.
        if context.earlier.last(\.runOneOff) == nil, let target = context.target,
            try await !mustMigrate(migration, image, context.app, target)
        {
            return .skipped((), reason: Self.migratedBefore)
        }
        try await platform.runOneOff(migration, in: context)
        try await record(migration, of: image, context)
        return .done
    }

    private static let migratedBefore = "this image was migrated before, and the migration is not repeatable"

    /// At once, and not with the release: if that never answers, the next attempt must know.
    private func record(_ migration: Migration, of image: PushedImage, _ context: StepContext) async throws {
        guard let target = context.target else { return }
        let (releases, app, job) = (parts.releases, context.app.name, job.id)
        try await parts.patience.write {
            try await releases.record(image.migrated(migration), app: app, target: target.name, job: job)
        }
    }

    /// What the formation is changed to.
    private func updates(_ image: PushedImage, _ context: StepContext) -> [(type: String, image: String)] {
        let processes = (context.target?.processes ?? []).map { (type: $0, image: image.image) }
        return processes + (image.releaseImage.map { [(type: "release", image: $0)] } ?? [])
    }

    func verify(_ release: PlatformRelease, _ image: PushedImage, _ context: StepContext) async throws
        -> StepResult<Void>
    {
        guard let target = context.target else { return .done }
        let platform = try parts.platform(configuration.heroku)
        try await platform.verify(release, health: target.health, commit: image.commit, in: context)
        return .done
    }

    /// - Returns: what is to be said about the success.
    func record(_ release: PlatformRelease, _ image: PushedImage, _ app: App, _ target: Target) async throws -> String?
    {
        let (releases, job) = (parts.releases, job.id)
        do {
            try await parts.patience.write {
                let live = try await releases.live(app: app.name, target: target.name)
                let isSame = release.wasAlreadyRunning && live?.image == image.image && live?.version == release.version
                try await releases.record(
                    Release(
                        app: app.name, target: target.name, job: job, commit: image.commit, image: image.image,
                        manifest: image.manifest, version: release.version,
                        since: isSame ? live?.since ?? .now() : .now()))
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw JobFailure(reason: "v\(release.version) is live, but could not be recorded: \(error)")
        }
        guard release.wasAlreadyRunning else { return nil }
        return "\(Self.alreadyRunning(release)); its dynos were restarted and verified"
    }

    private static func alreadyRunning(_ release: PlatformRelease) -> String {
        "this image was already running as v\(release.version)"
    }
}

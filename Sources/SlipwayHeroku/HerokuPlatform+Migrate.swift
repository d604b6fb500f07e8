import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func migrate(
        _ migration: Migration, of image: PublishedImage, in release: PlatformRelease, _ context: StepContext
    ) async throws -> MigrationEnd {
        switch migration.run {
        case .releasePhase:
            try await follow(release, of: image, timeout: migration.timeout, context)
            return try await tools.record.isDue(migration, of: image) ? .done : .notDue
        case .oneOff:
            if context.earlier.last(\.runOneOff) == nil {
                guard try await tools.record.isDue(migration, of: image) else { return .notDue }
            }
            try await runOneOff(migration, in: context)
            return .done
        }
    }

    func awaitRunning(_ release: PlatformRelease, of image: PublishedImage, in context: StepContext) async throws {
        // A rollback's release phase does nothing, and is not a step of its own.
        if context.job.plan.isRollback, let phase = target.releasePhase, !release.wasAlreadyRunning {
            try await follow(release, of: image, timeout: phase.timeout, context)
        }
        try await waitForDynos(release, in: context)
    }

    /// A release that failed is counted: the next one of the same image must differ.
    private func follow(
        _ release: PlatformRelease, of image: PublishedImage, timeout: Duration, _ context: StepContext
    ) async throws {
        do {
            try await waitForReleasePhase(release, timeout: timeout, in: context)
        } catch let failure as StepFailure {
            await tools.record.addFailedRelease(of: image.image)
            throw failure
        }
    }
}

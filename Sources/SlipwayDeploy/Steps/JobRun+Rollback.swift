import SlipwayBase
import SlipwayCore

extension JobRun {
    /// Brings the image of an earlier release live again. Nothing is built, and nothing is migrated: what later
    /// migrations did to a database, no image undoes.
    /// - Returns: what is to be said about the success.
    func rollBack(_ app: App, at target: Target) async throws -> String? {
        var target = target
        target.migrate = Self.migration(insteadOf: target.migrate)
        let image =
            if let pushed = imagePushedBefore(to: target) {
                pushed
            } else {
                try await step(.push, app, target) { try await pushAgain($0) }
            }
        return try await live(image, app, target) { [target] in
            try await step(.release, app, target, ended: PlatformRelease.recorded) {
                try await release(image, parts.platform(configuration.heroku), $0)
            }
        }
    }

    /// One that does nothing, for a release phase is given an image in any case.
    private static func migration(insteadOf migration: Migration?) -> Migration? {
        guard var migration, migration.run == .releasePhase else { return nil }
        migration.command = "echo 'a rollback: nothing is migrated'"
        migration.repeatable = true
        return migration
    }

    private func pushAgain(_ context: StepContext) async throws -> StepResult<PushedImage> {
        guard let target = context.target, let asked = job.plan.trigger.releasingJob,
            let release = try await parts.releases.release(by: asked, app: context.app.name, target: target.name)
        else {
            throw StepFailure("the release to roll back to is no longer on record; deploy its commit instead")
        }
        await context.log.line(
            "Back to what job \(release.job) released: commit \(release.commit) as image \(release.image), then "
                + "v\(release.version)")
        await context.log.line("No migration is run: a database is not rolled back")
        let id = try await local(release, context)
        return try await push(BuiltImage(commit: release.commit, id: id), context)
    }
}

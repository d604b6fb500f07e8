import SlipwayCore

/// Publishes the image of an earlier release again.
struct RestoreStep: PublishingStep {
    func image(_ run: JobRun, _ context: StepContext) async throws -> BuiltImage {
        guard let target = run.target, let asked = run.job.plan.trigger.releasingJob,
            let release = try await run.parts.releases.release(by: asked, app: run.app.name, target: target.name)
        else {
            throw StepFailure("the release to roll back to is no longer on record; deploy its commit instead")
        }
        await context.log.line(
            "Back to what job \(release.job) released: commit \(release.commit) as image \(release.image), then "
                + "v\(release.version)")
        await context.log.line("No migration is run: a database is not rolled back")
        return try await run.image(of: release, context)
    }
}

import SlipwayCore

/// A job's `push`, wherever its image comes from: puts the image where the platform takes it from.
protocol PublishingStep: JobStep {
    /// The image to publish, on this engine.
    func image(_ run: JobRun, _ context: StepContext) async throws -> BuiltImage
}

extension PublishingStep {
    var name: Step.Name { .push }
    var isCheckpoint: Bool { true }
    var usesEngine: Bool { true }

    func limit(_ run: JobRun) -> TimeLimit { TimeLimit(duration: run.parts.limits.push) }

    func left(_ run: JobRun, _ context: StepContext) throws -> Product? {
        guard let commit = run.job.plan.commit.id else { return nil }
        return try run.platform.published(commit, by: run.earlier).map { .published($0) }
    }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        let image = try await image(run, context)
        return .done(.published(try await run.platform.publish(image, in: context)))
    }
}

extension JobRun {
    /// A release's image on this engine. Its platform gives it back if it was removed here.
    func image(of release: Release, _ context: StepContext) async throws -> BuiltImage {
        if let id = try await engine.id(of: release.image, try await engine.commands()) {
            return BuiltImage(commit: release.commit, id: id)
        }
        guard let origin = app.target(named: release.target) else {
            throw StepFailure("target \(release.target), which has the image, is no longer configured")
        }
        guard origin.place.platform == target?.place.platform else {
            throw StepFailure(
                "the image of commit \(release.commit.short) (\(release.image)) is no longer on this engine, and this "
                    + "target's platform has no way to that of \(origin.name); deploy that commit again")
        }
        return BuiltImage(
            commit: release.commit, id: try await platform.fetch(release, of: origin, in: context))
    }
}

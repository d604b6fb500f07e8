import SlipwayCore

/// Publishes the image that was built.
struct PushStep: JobStep {
    let name = Step.Name.push
    let isCheckpoint = true
    let usesEngine = true

    func limit(_ run: JobRun) -> TimeLimit { TimeLimit(duration: run.parts.limits.push) }

    func left(_ run: JobRun, _ context: StepContext) throws -> Product? { try run.published() }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        .done(.published(try await run.platform.publish(try context.products.image, in: context)))
    }
}

/// A push, whatever its image comes from.
extension JobRun {
    /// What it has left that ended before the server stopped.
    func published() throws -> Product? {
        guard let commit = job.plan.commit.id else { return nil }
        return try platform.published(commit, by: earlier).map { .published($0) }
    }

    /// A release's image on this engine, brought back from its platform when it has been removed here.
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

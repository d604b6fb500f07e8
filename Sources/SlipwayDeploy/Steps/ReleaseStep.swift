package import SlipwayCore

/// Makes the published image live: it begins the release, if no migration before it has, and waits until that runs.
struct ReleaseStep: JobStep {
    let name = Step.Name.release

    /// A platform's own limits end it before, with better words: this is the backstop, and must not be what speaks first.
    func limit(_ run: JobRun) -> TimeLimit { TimeLimit(duration: run.parts.limits.release) }

    func left(_ run: JobRun, _ context: StepContext) -> Product? {
        context.products.knownRelease != nil ? .nothing : context.releaseBegun.map { .release($0) }
    }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        let (platform, image) = (try run.platform, try context.products.published)
        if let begun = context.products.knownRelease {
            try await platform.awaitRunning(begun, of: image, in: context)
            return .done
        }
        let release = try await platform.release(image, in: context)
        try await platform.awaitRunning(release, of: image, in: context)
        return .done(.release(release), reason: release.wasAlreadyRunning ? release.alreadyRunning : nil)
    }
}

extension StepContext {
    /// What this step had released, or restarted, before the server stopped; nil too where the configuration has come to
    /// ask for another place or for more process types.
    package var releaseBegun: PlatformRelease? {
        guard let target else { return nil }
        if case .made(let release)? = earlier.last(\.release, { $0.isMeant(for: target) })?.progress.outcome {
            return release
        }
        return earlier.last(\.restart) { $0.place == target.place }?.progress.outcome
    }
}

extension ReleaseChange {
    package func isMeant(for target: Target) -> Bool {
        place == target.place && Set(target.processes).isSubset(of: images.keys)
    }
}

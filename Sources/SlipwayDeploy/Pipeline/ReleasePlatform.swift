package import SlipwayCore

/// Where an image goes live: what the pipeline asks of Heroku, and no more, so that its tests can script the answers.
///
/// Every method writes its progress to the context's log and its effects to the context's journal, before and after
/// each; what the context knows of an earlier attempt it does not do again before it has asked what became of it. An
/// error that ends the step is a `StepFailure`; a cancelled task throws `CancellationError`.
package protocol ReleasePlatform: Sendable {
    /// Brings images live by one change of the app's formation.
    ///
    /// When they already run no release is made: the dynos are restarted instead, and the log says so.
    /// - Parameter images: by process type, each as its config digest (`sha256:…`); `release` is the release phase's.
    func release(_ images: [(type: String, image: String)], in context: StepContext) async throws -> PlatformRelease

    /// Follows the release phase's output until the release's status is final.
    func waitForReleasePhase(_ release: PlatformRelease, timeout: Duration, in context: StepContext) async throws

    /// Until every dyno of a formation type is up on the release's version or a later one.
    func waitForDynos(_ release: PlatformRelease, in context: StepContext) async throws

    /// Runs the migration in a one-off dyno until it ends; its exit code decides.
    func runOneOff(_ migration: Migration, in context: StepContext) async throws

    /// Until every web dyno is up on the release's version or a later one and the health URL answers as configured.
    func verify(_ release: PlatformRelease, health: HealthCheck, commit: CommitID, in context: StepContext) async throws
}

extension PlatformRelease {
    /// What a step had released, or restarted, before the server stopped; nil too where the configuration has come to ask
    /// for another place or for more process types.
    static func recorded(_ context: StepContext) -> PlatformRelease? {
        guard let target = context.target else { return nil }
        let change = context.earlier.last(\.release) { $0.isRelease(of: target) }
        if case .made(let release) = change?.progress.outcome { return release }
        return context.earlier.last(\.restart) { $0.place == target.place }?.progress.outcome
    }
}

extension ReleaseChange {
    func isRelease(of target: Target) -> Bool {
        place == target.place && Set(target.processes).isSubset(of: images.keys)
    }
}

extension Target {
    var place: Place { Place(platform: "heroku", name: herokuApp) }
}

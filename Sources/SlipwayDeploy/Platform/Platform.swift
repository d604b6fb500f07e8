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
    func release(_ images: [(type: String, image: String)], in context: StepContext) async throws -> HerokuRelease

    /// Follows the release phase's output until the release's status is final.
    func waitForReleasePhase(_ release: HerokuRelease, timeout: Duration, in context: StepContext) async throws

    /// Until every dyno of a formation type is up on the release's version or a later one.
    func waitForDynos(_ release: HerokuRelease, in context: StepContext) async throws

    /// Runs the migration in a one-off dyno until it ends; its exit code decides.
    func runOneOff(_ migration: Migration, in context: StepContext) async throws

    /// Until every web dyno is up on the release's version or a later one and the health URL answers as configured.
    func verify(_ release: HerokuRelease, health: HealthCheck, commit: CommitID, in context: StepContext) async throws
}

/// What a change of the formation led to.
package struct HerokuRelease: Sendable {
    /// Heroku's id of the release.
    package var id: String
    package var version: Int
    /// No release was made, since its images were live before; id and version are those of the current one.
    package var wasAlreadyRunning: Bool

    package init(id: String, version: Int, wasAlreadyRunning: Bool) {
        self.id = id
        self.version = version
        self.wasAlreadyRunning = wasAlreadyRunning
    }
}

/// As the journal keeps it.
extension HerokuRelease {
    /// `v17 <id>`
    var outcome: String { "v\(version) \(id)" }

    init?(outcome: String, wasAlreadyRunning: Bool) {
        let words = outcome.split(separator: " ")
        guard words.count == 2, words[0].hasPrefix("v"), let version = Int(words[0].dropFirst()) else { return nil }
        self.init(id: String(words[1]), version: version, wasAlreadyRunning: wasAlreadyRunning)
    }

    /// What a step had released, or restarted, before the server stopped; nil too where the configuration has come to ask
    /// for another Heroku app or for more process types.
    static func recorded(_ context: StepContext) -> HerokuRelease? {
        guard let target = context.target else { return nil }
        if let made = context.earlier(.releaseFormation, { $0.isRelease(of: target) })?.outcome,
            let release = HerokuRelease(outcome: made, wasAlreadyRunning: false)
        {
            return release
        }
        return context.earlier(.restartDynos) { $0.nonce == target.herokuApp }?.outcome.flatMap {
            HerokuRelease(outcome: $0, wasAlreadyRunning: true)
        }
    }
}

extension Effect {
    /// Of a change of a formation, whose nonce is the app and whose intent is `web=sha256:… worker=sha256:… after v7`.
    func isRelease(of target: Target) -> Bool {
        let types = intent.split(separator: " ").compactMap { $0.split(separator: "=").first.map(String.init) }
        return nonce == target.herokuApp && Set(target.processes).isSubset(of: types)
    }
}

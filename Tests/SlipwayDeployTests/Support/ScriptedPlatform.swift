import SlipwayCore
import Synchronization

@testable import SlipwayDeploy

/// A platform that does as a test says and remembers what it was asked.
final class ScriptedPlatform: ReleasePlatform {
    struct Script: Sendable {
        var wasAlreadyRunning = false
        var phaseFailure: String?
        var oneOffFailure: String?
        var verifyFailure: String?
        /// Waits here until the task is cancelled or `proceed` is called.
        var holdsRelease = false
    }

    private let script: Mutex<Script>
    private let asked = Mutex<[String]>([])
    private let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)

    init(_ script: Script = Script()) {
        self.script = Mutex(script)
    }

    var calls: [String] { asked.withLock { $0 } }
    func rewrite(_ change: (inout Script) -> Void) { script.withLock { change(&$0) } }
    func proceed() { gate.withLock { $0 }?.resume() }

    func release(_ images: [(type: String, image: String)], in context: StepContext) async throws -> PlatformRelease {
        note("release " + images.map { "\($0.type)=\($0.image)" }.joined(separator: " "))
        let script = script.withLock { $0 }
        if script.holdsRelease { await withCheckedContinuation { hold in gate.withLock { $0 = hold } } }
        return PlatformRelease(id: "r", version: 17, wasAlreadyRunning: script.wasAlreadyRunning)
    }

    func waitForReleasePhase(_ release: PlatformRelease, timeout: Duration, in context: StepContext) async throws {
        note("phase v\(release.version)")
        if let failure = script.withLock({ $0.phaseFailure }) { throw StepFailure(failure) }
    }

    func waitForDynos(_ release: PlatformRelease, in context: StepContext) async throws {
        note("dynos v\(release.version)")
    }

    func runOneOff(_ migration: Migration, in context: StepContext) async throws {
        note("one-off \(migration.command)")
        if let failure = script.withLock({ $0.oneOffFailure }) { throw StepFailure(failure) }
    }

    func verify(_ release: PlatformRelease, health: HealthCheck, commit: CommitID, in context: StepContext) async throws
    {
        note("verify v\(release.version) \(commit.short)")
        if let failure = script.withLock({ $0.verifyFailure }) { throw StepFailure(failure) }
    }

    private func note(_ call: String) { asked.withLock { $0.append(call) } }
}

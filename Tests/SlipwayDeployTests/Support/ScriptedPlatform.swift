import SlipwayCore
import SlipwayHeroku
import Synchronization

@testable import SlipwayDeploy

/// A platform that does as a test says and remembers what it was asked; its images are pushed and fetched by Heroku's.
final class ScriptedPlatform: PlatformKind {
    struct Script: Sendable {
        var wasAlreadyRunning = false
        var phaseFailure: String?
        var oneOffFailure: String?
        var verifyFailure: String?
        /// Waits here until the task is cancelled or `proceed` is called.
        var holdsRelease = false
    }

    private let heroku = Heroku(userAgent: "slipway/test")
    private let script: Mutex<Script>
    private let asked = Mutex<[String]>([])
    private let gate = Mutex<CheckedContinuation<Void, Never>?>(nil)

    init(_ script: Script = Script()) {
        self.script = Mutex(script)
    }

    var calls: [String] { asked.withLock { $0 } }
    func rewrite(_ change: (inout Script) -> Void) { script.withLock { change(&$0) } }
    func proceed() { gate.withLock { $0 }?.resume() }

    var name: String { heroku.name }
    func stepsToGoLive(at target: Target) -> [LiveStep] { heroku.stepsToGoLive(at: target) }
    func questions(_ configuration: Configuration) -> [PlatformQuestion] { [] }

    func platform(
        for target: Target, _ configuration: Configuration, _ tools: JobTools
    ) throws -> any Platform {
        Place(
            scripted: self, target: target, record: tools.record,
            images: try heroku.platform(for: target, configuration, tools))
    }

    private func note(_ call: String) { asked.withLock { $0.append(call) } }

    private struct Place: Platform {
        let scripted: ScriptedPlatform
        let target: Target
        let record: TargetRecord
        let images: any Platform

        private var script: Script { scripted.script.withLock { $0 } }

        func publish(_ image: BuiltImage, in context: StepContext) async throws -> PublishedImage {
            try await images.publish(image, in: context)
        }

        func published(_ commit: CommitID, by journal: [JournalEntry]) -> PublishedImage? {
            images.published(commit, by: journal)
        }

        func fetch(_ release: Release, of origin: Target, in context: StepContext) async throws -> String {
            try await images.fetch(release, of: origin, in: context)
        }

        func release(_ image: PublishedImage, in context: StepContext) async throws -> PlatformRelease {
            scripted.note("release " + image.images.map { "\($0.type)=\($0.image)" }.joined(separator: " "))
            if script.holdsRelease {
                await withCheckedContinuation { hold in scripted.gate.withLock { $0 = hold } }
            }
            return PlatformRelease(id: "r", version: 17, wasAlreadyRunning: script.wasAlreadyRunning)
        }

        func migrate(
            _ migration: Migration, of image: PublishedImage, in release: PlatformRelease, _ context: StepContext
        ) async throws -> MigrationEnd {
            if migration.run == .releasePhase { try await phase(of: release, image) }
            guard try await record.isDue(migration, of: image) else { return .notDue }
            if migration.run == .releasePhase { return .done }
            scripted.note("one-off \(migration.command)")
            if let failure = script.oneOffFailure { throw StepFailure(failure) }
            return .done
        }

        func awaitRunning(_ release: PlatformRelease, of image: PublishedImage, in context: StepContext) async throws {
            if context.job.plan.isRollback, target.migrate?.run == .releasePhase {
                try await phase(of: release, image)
            }
            scripted.note("dynos v\(release.version)")
        }

        private func phase(of release: PlatformRelease, _ image: PublishedImage) async throws {
            scripted.note("phase v\(release.version)")
            guard let failure = script.phaseFailure else { return }
            await record.addFailedRelease(of: image.image)
            throw StepFailure(failure)
        }

        func verify(_ release: PlatformRelease, of commit: CommitID, in context: StepContext) async throws {
            scripted.note("verify v\(release.version) \(commit.short)")
            if let failure = script.verifyFailure { throw StepFailure(failure) }
        }
    }
}

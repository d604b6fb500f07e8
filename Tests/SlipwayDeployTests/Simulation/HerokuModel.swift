import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import Synchronization
import TestPlatforms

@testable import SlipwayDeploy
@testable import SlipwayHeroku

/// Heroku's releases in memory, read by the real rules: what they bring is what runs, and nothing else happens.
final class HerokuModel: Sendable {
    struct App: Sendable {
        var releases: [ReleaseResource] = []
        /// Of each release, by its version.
        var images: [Int: String] = [:]
        var current = 0
        var failsNext = false
    }

    private let apps = Mutex<[String: App]>([:])
    /// Whether Heroku shows which images a release has; that it does is not verified.
    let showsArtifacts: Bool
    /// Whether a change of the configuration keeps what was tried last, and not what runs; neither is verified.
    let keepsNewest: Bool

    init(showsArtifacts: Bool, keepsNewest: Bool) {
        self.showsArtifacts = showsArtifacts
        self.keepsNewest = keepsNewest
    }

    subscript(name: String) -> App { apps.withLock { $0[name] ?? App() } }

    func make(_ name: String) {
        apps.withLock { $0[name] = App() }
        add("Initial release", image: nil, to: name)
        add("Enable Logplex", image: nil, to: name)
    }

    func failNext(_ name: String) { apps.withLock { $0[name]?.failsNext = true } }

    @discardableResult
    private func add(_ description: String, image: String?, failed: Bool = false, to name: String) -> ReleaseResource {
        apps.withLock { apps in
            var app = apps[name] ?? App()
            let version = app.releases.count + 1
            var release = ReleaseResource(
                id: "\(name)-r\(version)", version: version, status: failed ? "failed" : "succeeded")
            release.description = description
            if showsArtifacts { release.artifacts = image.map { [ReleaseResource.Artifact(id: "oci-\($0)")] } ?? [] }
            app.releases.append(release)
            app.images[version] = image
            if !failed { app.current = version }
            apps[name] = app
            return release
        }
    }

    /// - Returns: nil where the last attempt had this image, too (docs/heroku.md, T5 and T19).
    func deploy(_ image: String, to name: String) -> ReleaseResource? {
        let app = self[name]
        if app.images[app.releases.count] == image { return nil }
        apps.withLock { $0[name]?.failsNext = false }
        return add("Deployed web (\(image.imageDigits))", image: image, failed: app.failsNext, to: name)
    }

    func disturb(_ name: String, _ act: Disturbance) {
        let app = self[name]
        switch act {
        case .setConfig:
            add(
                "Set A config vars", image: app.images[keepsNewest ? app.releases.count : app.current], to: name)
        case .rollBack(let steps):
            let earlier = app.releases.filter {
                $0.version < app.current && $0.status == "succeeded" && app.images[$0.version] != nil
            }
            guard let target = earlier.suffix(steps).first else { return }
            add("Rollback to v\(target.version)", image: app.images[target.version], to: name)
        }
    }

    func whatRuns(at target: Target) -> Sighting.Answer {
        let app = self[target.place.name]
        let releases = app.releases.reversed().map { release in
            var release = release
            release.current = release.version == app.current
            return release
        }
        switch ReleaseTrail(releases: releases, isWhole: true, processes: target.processes).follow() {
        case .image(let found): return .running(found.running(trouble: nil))
        case .nothing, .furtherBack: return .nothing
        }
    }
}

struct ModelStage: SharedStage {
    let model: HerokuModel
    let configuration: Configuration
    let engine: JobEngine
    let ways: [Migration.Way] = []
    var kind: any PlatformKind { ModelKind(model: model) }

    init(_ model: HerokuModel) {
        self.model = model
        configuration = Configuration(
            server: ServerSettings(host: "127.0.0.1", port: 0, data: "/nowhere"), apps: [], secrets: [])
        engine = JobEngine(
            DockerEngine(), CommandRunner(), folder: "/nowhere", instance: "", job: 1,
            redactor: Redactor(secrets: []), configuration: configuration)
    }

    func newPlace() -> Place {
        let name = UUID().uuidString
        model.make(name)
        return .heroku(name)
    }

    /// The image's digest begins with its commit's number.
    func image(_ text: String, of commit: CommitID) -> BuiltImage {
        BuiltImage(commit: commit, id: "sha256:" + Self.digest(of: text))
    }

    private static let texts = Dictionary(
        uniqueKeysWithValues: (1...99).map { ("sha256:" + digest(of: "image \($0)"), "image \($0)") })

    private static func digest(of text: String) -> String {
        let digits = text.utf8.map { String($0, radix: 16) }.joined()
        return String(digits.reversed()) + String(repeating: "0", count: max(0, 64 - digits.count))
    }

    func remove(_ image: String) {}
    func migrationCommand(succeeds: Bool) -> String { "\(succeeds)" }

    func facts(of place: Place) -> PlaceFacts {
        let app = model[place.name]
        return PlaceFacts(
            releases: app.releases.count, migrations: 0, answer: app.images[app.current].flatMap { Self.texts[$0] })
    }

    func disturb(_ place: Place, _ act: Disturbance) { model.disturb(place.name, act) }

    func failNextRelease(at place: Place) -> Bool {
        model.failNext(place.name)
        return true
    }
}

private struct ModelKind: PlatformKind {
    let model: HerokuModel
    let name = "heroku"

    func stepsToGoLive(at target: Target) -> [LiveStep] { [.release] }
    func questions(_ configuration: Configuration) -> [PlatformQuestion] { [] }

    func platform(for target: Target, _ configuration: Configuration, _ tools: JobTools) -> any Platform {
        ModelPlatform(model: model, target: target)
    }

    func whatRuns(
        at target: Target, _ configuration: Configuration, insists: Bool, _ logger: Logger
    ) async throws -> Sighting.Answer { model.whatRuns(at: target) }
}

private struct ModelPlatform: Platform {
    let model: HerokuModel
    let target: Target

    func publish(_ image: BuiltImage, in context: StepContext) -> PublishedImage {
        PublishedImage(commit: image.commit, images: [ProcessImage(type: "web", image: image.id)])
    }

    func published(_ commit: CommitID, by journal: [JournalEntry]) -> PublishedImage? { nil }

    func fetch(_ release: Release, of origin: Target, in context: StepContext) -> String { release.image }

    func release(_ image: PublishedImage, in context: StepContext) async throws -> PlatformRelease {
        let app = model[target.place.name]
        let change = ReleaseChange(
            place: target.place, images: ["web": image.image], versionBefore: app.releases.count)
        let outcome = try await context.effect(Effect.release, change) { () -> ReleaseOutcome in
            guard let made = model.deploy(image.image, to: target.place.name) else { return .alreadyRunning }
            return .made(PlatformRelease(id: made.id, version: made.version, wasAlreadyRunning: false))
        }
        if case .made(let release) = outcome { return release }
        guard let last = app.releases.last, last.status == "succeeded" else {
            throw StepFailure("Heroku tried this image last, which failed, and ignores it now")
        }
        return PlatformRelease(id: last.id, version: last.version, wasAlreadyRunning: true)
    }

    func migrate(
        _ migration: Migration, of image: PublishedImage, in release: PlatformRelease, _ context: StepContext
    ) -> MigrationEnd { .notDue }

    func awaitRunning(_ release: PlatformRelease, of image: PublishedImage, in context: StepContext) throws {
        let made = model[target.place.name].releases.first { $0.id == release.id }
        if made?.status == "failed" { throw StepFailure("the release failed") }
    }

    /// What answers is not looked into: on Heroku, too, it need not name its commit.
    func verify(_ release: PlatformRelease, of commit: CommitID, in context: StepContext) throws {
        if target.health.status != 200 { throw StepFailure("it answers 200 and not \(target.health.status)") }
    }
}

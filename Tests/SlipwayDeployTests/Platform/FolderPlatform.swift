import Foundation
import SlipwayCore

@testable import SlipwayDeploy

/// A platform that deploys into a folder: the smallest there is, and the model for a further one.
///
///     places/shop/images/web/<digest>   what was published for a process
///     places/shop/releases/1            a release, which holds its image's digest
///     places/shop/current               the number of the release that runs
///     places/shop/migrations            a line for each run of a migration
struct Folder: PlatformKind {
    let name = "folder"
    /// Where images are built: each a file by its digest.
    let images: String
    let places: String

    /// A migration before the release is a part of it, as of one that is not current yet.
    func stepsToGoLive(at target: Target) -> [LiveStep] {
        guard let migration = target.migrate else { return [.release] }
        return migration.run == .releasePhase ? [.migrate(migration), .release] : [.release, .migrate(migration)]
    }

    func platform(
        for target: Target, _ configuration: Configuration, _ tools: JobTools
    ) throws -> any Platform {
        FolderPlatform(images: images, places: places, target: target, record: tools.record)
    }

    func questions(_ configuration: Configuration) -> [PlatformQuestion] { [] }
}

private struct FolderPlatform: Platform {
    let images: String
    let places: String
    let target: Target
    let record: TargetRecord

    private var place: String { "\(places)/\(target.place.name)" }

    // MARK: Images

    func publish(_ image: BuiltImage, in context: StepContext) async throws -> PublishedImage {
        for type in target.processes {
            let push = ImagePush(repository: "\(target.place.name)/\(type)", image: image.id)
            let earlier = context.earlier.last(\.push) { $0 == push }
            if earlier?.progress.outcome != nil { continue }
            // Copied once more it is the same.
            try await context.effect(Effect.push, push) {
                try copy("\(images)/\(image.id)", to: "\(place)/images/\(type)/\(image.id)")
                return RegistryImage(image: image.id)
            }
        }
        return PublishedImage(
            commit: image.commit, images: target.processes.map { ProcessImage(type: $0, image: image.id) })
    }

    func published(_ commit: CommitID, by journal: [JournalEntry]) -> PublishedImage? {
        let pushed = target.processes.map { type in
            journal.last(\.push) { $0.repository == "\(target.place.name)/\(type)" }?.progress.outcome.map {
                ProcessImage(type: type, image: $0.image)
            }
        }
        let images = pushed.compactMap(\.self)
        return images.count == target.processes.count ? PublishedImage(commit: commit, images: images) : nil
    }

    func fetch(_ release: Release, of origin: Target, in context: StepContext) async throws -> String {
        let type = origin.processes.first ?? ""
        try copy("\(places)/\(origin.place.name)/images/\(type)/\(release.image)", to: "\(images)/\(release.image)")
        return release.image
    }

    // MARK: Going live

    func release(_ image: PublishedImage, in context: StepContext) async throws -> PlatformRelease {
        if let begun = context.releaseBegun { return begun }
        let latest = try releases.last ?? 0
        let change = ReleaseChange(
            place: target.place, images: Dictionary(image.images.map { ($0.type, $0.image) }) { $1 },
            versionBefore: latest)
        if let earlier = context.earlier.last(\.release), case .begun = earlier.progress,
            let own = try releases.last(where: {
                try $0 > earlier.intent.versionBefore && self.image(of: $0) == image.image
            })
        {
            let release = PlatformRelease(id: "\(own)", version: own, wasAlreadyRunning: false)
            try await context.journal.end(earlier.id, as: .release(earlier.intent, .done(.made(release))))
            return release
        }
        if let current, try self.image(of: current) == image.image {
            let release = PlatformRelease(id: "\(current)", version: current, wasAlreadyRunning: true)
            let restart = Restart(place: target.place, version: current, instances: [])
            return try await context.effect(Effect.restart, restart) { release }
        }
        let version = latest + 1
        let release = PlatformRelease(id: "\(version)", version: version, wasAlreadyRunning: false)
        try await context.effect(Effect.release, change) {
            try write(image.image, to: "\(place)/releases/\(version)")
            return .made(release)
        }
        return release
    }

    func migrate(
        _ migration: Migration, of image: PublishedImage, in release: PlatformRelease, _ context: StepContext
    ) async throws -> MigrationEnd {
        let earlier = context.earlier.last(\.runOneOff)
        if earlier == nil {
            guard try await record.isDue(migration, of: image) else { return .notDue }
        }
        let marker = earlier?.intent.marker ?? UUID().uuidString
        let run = OneOffRun(place: target.place, marker: marker, way: .attached, command: migration.command)
        let file = "\(place)/migrations"
        let lines = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        if !lines.contains(marker) {
            try await context.effect(Effect.runOneOff, run) {
                try write(lines + marker + "\n", to: file)
                return .exited(code: migration.command == "true" ? 0 : 1, instance: "migration")
            }
        }
        guard migration.command == "true" else {
            throw StepFailure("the migration failed; release \(release.version) is what it was")
        }
        return .done
    }

    func awaitRunning(_ release: PlatformRelease, of image: PublishedImage, in context: StepContext) async throws {
        try write("\(release.version)", to: "\(place)/current")
    }

    func verify(_ release: PlatformRelease, of commit: CommitID, in context: StepContext) async throws {
        guard current == release.version, target.health.status == 200 else {
            throw StepFailure("release \(release.version) answers 200 and not \(target.health.status)")
        }
    }

    // MARK: The folder

    private var releases: [Int] {
        get throws {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(place)/releases")) ?? []
            return names.compactMap { Int($0) }.sorted()
        }
    }

    private var current: Int? { (try? String(contentsOfFile: "\(place)/current", encoding: .utf8)).flatMap { Int($0) } }

    private func image(of release: Int) throws -> String {
        try String(contentsOfFile: "\(place)/releases/\(release)", encoding: .utf8)
    }

    private func write(_ text: String, to file: String) throws {
        let folder = URL(filePath: file).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: true, encoding: .utf8)
    }

    private func copy(_ file: String, to copy: String) throws {
        try write(try String(contentsOfFile: file, encoding: .utf8), to: copy)
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayNet
import TestPlatforms
import TestSupport
import Testing

@testable import SlipwayDeploy

struct FolderStage: PlatformStage {
    let folder: TemporaryFolder
    let configuration: Configuration
    let engine: JobEngine
    let ways: [Migration.Way] = [.releasePhase, .oneOff(type: nil, size: nil)]

    private var platform: Folder { Folder(images: folder.path + "/images", places: folder.path + "/places") }
    var kind: any PlatformKind { platform }

    init() throws {
        folder = try TemporaryFolder()
        configuration = Configuration(
            server: ServerSettings(host: "127.0.0.1", port: 0, data: folder.path), apps: [], secrets: [])
        engine = JobEngine(
            DockerEngine(), CommandRunner(), folder: folder.path + "/job", instance: "", job: 1,
            redactor: Redactor(secrets: []), configuration: configuration)
    }

    func newPlace() -> Place { Place(platform: platform.name, name: UUID().uuidString) }

    func image(_ text: String, of commit: CommitID) throws -> BuiltImage {
        let id = "sha256:" + SHA256.hash(Array(text.utf8)).hex
        try folder.write(text, to: "images/\(id)")
        return BuiltImage(commit: commit, id: id)
    }

    func remove(_ image: String) throws {
        try FileManager.default.removeItem(atPath: folder.path + "/images/\(image)")
    }

    func migrationCommand(succeeds: Bool) -> String { "\(succeeds)" }

    func facts(of place: Place) throws -> PlaceFacts {
        let path = "places/\(place.name)"
        let releases = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(path)/releases")) ?? []
        let migrations = (try? folder.read("\(path)/migrations")) ?? ""
        var answer: String?
        if let current = try? folder.read("\(path)/current") {
            let image = try folder.read("\(path)/releases/\(current)")
            answer = try folder.read("\(path)/images/web/\(image)")
        }
        return PlaceFacts(
            releases: releases.count, migrations: migrations.split(separator: "\n").count, answer: answer)
    }
}

/// The port's promises, by a platform without any network: they show that a second one is a module of its own.
struct FolderConformanceTests {
    @Test(arguments: PlatformConformance.allCases)
    func `a platform that deploys into a folder keeps its promises`(promise: PlatformConformance) async throws {
        try await promise.hold(on: try FolderStage())
    }
}

import Foundation
import SlipwayBase

extension DockerEngine {
    /// Which of these features this engine's builder has not; each is tried once for an engine's version, and
    /// remembered.
    /// - Parameters:
    ///   - docker: what the build itself will use.
    ///   - folder: a place for the small builds' files.
    func lacking(_ features: Set<BuilderFeature>, _ docker: DockerCommands, folder: String) async throws
        -> [BuilderFeature]
    {
        guard !features.isEmpty else { return [] }
        let versions = try await runner.collect(docker.versions())
        // An engine that does not answer is the build's to tell.
        guard versions.succeeded else { return [] }
        let engine = "\(docker.builder) \(versions.text.split(whereSeparator: \.isWhitespace).joined(separator: " "))"
        var lacking: [BuilderFeature] = []
        for feature in features.sorted(by: { $0.rawValue < $1.rawValue }) {
            let known = knownFeatures(of: engine)[feature.rawValue]
            let has: Bool?
            if let known { has = known } else { has = try await tries(feature, docker, folder: folder) }
            guard let has else { continue }
            if known == nil { remember(feature.rawValue, has, of: engine) }
            if !has { lacking.append(feature) }
        }
        return lacking
    }

    /// - Returns: nil when it could not be learned.
    private func tries(_ feature: BuilderFeature, _ docker: DockerCommands, folder: String) async throws -> Bool? {
        if try await builds(feature.probe, docker, folder: folder) { return true }
        return try await builds(BuilderFeature.baseProbe, docker, folder: folder) ? false : nil
    }

    private func builds(_ dockerfile: String, _ docker: DockerCommands, folder: String) async throws -> Bool {
        let place = "\(folder)/probe-\(UUID().uuidString)"
        let files = FileManager.default
        try files.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { try? files.removeItem(atPath: place) }
        for (name, text) in BuilderFeature.probeFiles + [("probe", dockerfile)] {
            try text.write(toFile: "\(place)/\(name)", atomically: false, encoding: .utf8)
        }
        let tag = ImageName.probe()
        let build = ImageBuild(dockerfile: place + "/probe", context: place, tag: tag, idFile: place + "/image.id")
        let built = try await runner.collect(docker.build(build), within: .seconds(120)).succeeded
        if built { _ = try await runner.collect(docker.remove(names: [tag])) }
        return built
    }
}

import Foundation
package import SlipwayCore

/// What an image says of how it is run.
package struct ImageConfiguration: Sendable, Hashable, Decodable {
    package var entrypoint: [String]
    package var command: [String]
    /// What a build `FROM` the image would run before all else (`ONBUILD`).
    package var triggers: [String]

    private enum CodingKeys: String, CodingKey {
        case entrypoint = "Entrypoint"
        case command = "Cmd"
        case triggers = "OnBuild"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        entrypoint = try fields.decodeIfPresent([String].self, forKey: .entrypoint) ?? []
        command = try fields.decodeIfPresent([String].self, forKey: .command) ?? []
        triggers = try fields.decodeIfPresent([String].self, forKey: .triggers) ?? []
    }
}

/// Looks into an image, and makes another one of it, without running anything of it.
extension JobEngine {
    package func configuration(of image: String) async throws -> ImageConfiguration {
        let found = try await runner.collect(try await commands().imageConfiguration(image))
        try check(found, "docker image inspect")
        do {
            return try JSONDecoder().decode(ImageConfiguration.self, from: Data(found.output))
        } catch {
            throw StepFailure("docker image inspect printed something else than the configuration of \(image)")
        }
    }

    /// - Parameter path: of a file or a link.
    package func has(_ path: String, in image: String, step: Step.Name) async throws -> Bool {
        try await withContainer(of: image, step) { docker, container in
            let found = try await runner.collect(docker.file(path, of: container), limit: 0)
            // Some CLIs say the same of a container that is gone.
            if !found.succeeded, Self.lackingWords.contains(where: found.lastWords.contains),
                try await runner.collect(docker.ending(of: container)).succeeded
            {
                return false
            }
            try check(found, "docker cp")
            return true
        }
    }

    /// Of engines and CLIs of different ages.
    private static let lackingWords = ["Could not find the file", "No such container:path"]

    /// Makes an image of the same layers.
    ///
    /// A build of the same makes the very same image, whenever it is done. It would run the image's triggers, if it has any,
    /// on files that are not there: such an image is made of a container instead, and is another one each time.
    /// - Parameters:
    ///   - changes: lines of a Dockerfile that change its configuration.
    ///   - what: it is, for a refusal.
    /// - Returns: the engine's id of it.
    package func derive(
        from image: String, _ configuration: ImageConfiguration, as tag: String, changes: [String],
        labels: [(name: String, value: String)], _ what: String, in context: StepContext
    ) async throws -> String {
        guard configuration.triggers.isEmpty else {
            let labels = ([instanceLabel] + labels).map { "LABEL \($0.name)=\"\($0.value)\"" }
            return try await withContainer(of: image, context.step) { docker, container in
                let made = try await runner.collect(
                    docker.commit(container, changes: changes + labels, as: tag), within: .seconds(600))
                try check(made, "docker commit of \(what)")
                return String(made.text.prefix { !$0.isNewline })
            }
        }
        let folder = folder + "/derived"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let file = folder + "/Dockerfile"
        let lines = ["FROM \(ImageName.byContent(of: image))"] + changes
        try (lines.joined(separator: "\n") + "\n").write(toFile: file, atomically: true, encoding: .utf8)
        var build = ImageBuild(dockerfile: file, context: folder, tag: tag, idFile: folder + ".id")
        build.labels = [instanceLabel] + labels
        build.cgroupParent = cgroupParent
        try check(
            try await runner.stream(try await commands().build(build), to: context.log), "docker build of \(what)")
        return try readID(build.idFile)
    }

    /// By a name of the job's own, under which a stopped server may have left one.
    private func withContainer<Value: Sendable>(
        of image: String, _ step: Step.Name, _ work: (DockerCommands, String) async throws -> Value
    ) async throws -> Value {
        let docker = try await commands()
        let name = StepContainer.name(instance: instance, job: job, step: step)
        _ = try await runner.collect(docker.remove([name]))
        let outcome: Result<Value, any Error>
        do {
            try check(try await runner.collect(docker.create(name, of: image), within: .seconds(600)), "docker create")
            outcome = .success(try await work(docker, name))
        } catch {
            outcome = .failure(error)
        }
        let runner = runner
        _ = try? await uncancelled { try await runner.collect(docker.remove([name])) }
        return try outcome.get()
    }
}

import Foundation
package import SlipwayCore

/// What an image says of how it is run.
package struct ImageConfiguration: Sendable, Hashable, Decodable {
    package var entrypoint: [String]
    package var command: [String]

    package init(entrypoint: [String] = [], command: [String] = []) {
        self.entrypoint = entrypoint
        self.command = command
    }

    private enum CodingKeys: String, CodingKey {
        case entrypoint = "Entrypoint"
        case command = "Cmd"
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        entrypoint = try fields.decodeIfPresent([String].self, forKey: .entrypoint) ?? []
        command = try fields.decodeIfPresent([String].self, forKey: .command) ?? []
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
    /// - Parameters:
    ///   - changes: lines of a Dockerfile that change its configuration.
    ///   - what: it is, for a refusal.
    /// - Returns: the engine's id of it.
    package func derive(
        from image: String, as tag: String, changes: [String], labels: [(name: String, value: String)], _ what: String,
        step: Step.Name
    ) async throws -> String {
        let labels = ([instanceLabel] + labels).map { "LABEL \($0.name)=\"\($0.value)\"" }
        return try await withContainer(of: image, step) { docker, container in
            let made = try await runner.collect(
                docker.commit(container, changes: changes + labels, as: tag), within: .seconds(600))
            try check(made, "docker commit of \(what)")
            return String(made.text.prefix { !$0.isNewline })
        }
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

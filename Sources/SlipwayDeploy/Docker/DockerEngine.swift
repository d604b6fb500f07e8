import Foundation
import SlipwayBase

/// The Docker CLI of this machine: where it is, and what it can build with, asked once.
package actor DockerEngine {
    private let executable: String
    private let base: [String: String]
    let runner: CommandRunner
    /// The operator's own.
    nonisolated let settings: DockerSettings
    private var builder: DockerBuilder?
    /// By engine; what a builder has by the name of each feature that was tried.
    private var features: [String: [String: Bool]] = [:]
    /// Where these are kept over restarts; nil: nowhere.
    private let memory: String?

    /// - Parameters:
    ///   - environment: of this process; `SLIPWAY_DOCKER` names the CLI, else `PATH` does.
    ///   - memory: a file of its own.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment, runner: CommandRunner = CommandRunner(),
        memory: String? = nil
    ) {
        settings = DockerSettings(environment: environment)
        self.memory = memory
        if let data = memory.flatMap(FileManager.default.contents),
            let known = try? JSONDecoder().decode([String: [String: Bool]].self, from: data)
        {
            features = known
        }
        executable = environment["SLIPWAY_DOCKER"].flatMap { $0.isEmpty ? nil : $0 } ?? "docker"
        base = CommandEnvironment.docker(from: environment)
        self.runner = runner
    }

    /// - Parameter configuration: the `DOCKER_CONFIG` folder; nil: the user's own.
    package func commands(configuration: String?) async throws -> DockerCommands {
        var environment = base
        environment["DOCKER_CONFIG"] = configuration
        var commands = DockerCommands(executable: executable, environment: environment)
        if builder == nil { builder = try await probe(commands) }
        commands.builder = builder ?? .classic
        return commands
    }

    func knownFeatures(of engine: String) -> [String: Bool] { features[engine] ?? [:] }

    /// Only this engine's: what an older one could not do is of no use any more.
    func remember(_ feature: String, _ has: Bool, of engine: String) {
        features = [engine: knownFeatures(of: engine).merging([feature: has]) { $1 }]
        guard let memory, let data = try? JSONEncoder().encode(features) else { return }
        // What cannot be written is tried again after a restart.
        try? data.write(to: URL(fileURLWithPath: memory), options: .atomic)
    }

    /// The home of the user that runs this server, whose CLI plugins count.
    nonisolated var home: String? { base["HOME"] }

    /// Until the engine answers.
    /// - Returns: false when it has not within that time.
    func wait(within limit: Duration) async throws -> Bool {
        let commands = try await commands(configuration: nil)
        let end = ContinuousClock.now + limit
        while true {
            do {
                if try await runner.collect(commands.serverVersion(), within: .seconds(10)).succeeded { return true }
            } catch CommandError.timedOut {
                // One that is just starting takes connections before it answers.
            }
            guard ContinuousClock.now < end else { return false }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private func probe(_ commands: DockerCommands) async throws -> DockerBuilder {
        let hasBuildx = try await runner.collect(commands.buildxVersion()).succeeded
        // The client's version is printed even when the engine does not answer, which is another command's to say.
        let version = try await runner.collect(commands.clientVersion()).text
        return DockerBuilder(hasBuildx: hasBuildx, clientVersion: version)
    }

    /// Ends what a stopped server has left running on the engine.
    func sweep(instance: String) async throws {
        let commands = try await commands(configuration: nil)
        let found = try await runner.collect(commands.stepContainers(of: instance))
        guard found.succeeded else { throw StepFailure(DockerRefusal.sentence("looking for containers", found)) }
        let containers = found.text.split(whereSeparator: \.isNewline).map(String.init)
            .filter { StepContainer.isOne($0, of: instance) }
        guard !containers.isEmpty else { return }
        _ = try await runner.collect(commands.remove(containers))
    }
}

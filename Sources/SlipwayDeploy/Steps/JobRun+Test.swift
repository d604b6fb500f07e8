import Foundation
import SlipwayBase
import SlipwayCore

extension JobRun {
    /// The app's test script in a container of its own, on a copy of the sources; its exit status decides.
    ///
    /// The script runs by `sh -e`: the first command that fails ends it, as on other CI services.
    func runTests(_ commit: CommitID, _ context: StepContext) async throws -> StepResult<Void> {
        guard let recipe = context.app.test else {
            return .skipped((), reason: "\(context.app.name) has no test configured")
        }
        let docker = try await docker(.images)
        let container = try container(recipe, commit, context, await limits(recipe, docker))
        let run = TestRun(container: container.name, image: recipe.image, recipe: context.app.recipeDigest)
        let exit = try await context.effect(Effect.test, run) {
            do {
                return try await self.run(container, docker, context)
            } catch {
                // The engine, not the CLI, owns the container: it is ended by name whatever became of the CLI.
                let runner = parts.runner
                _ = try? await uncancelled { try await runner.collect(docker.remove([container.name])) }
                throw error
            }
        }
        guard exit.isSuccess else { throw StepFailure(exit.sentence(of: recipe.run, container.limits)) }
        return .done
    }

    private func run(_ container: TestContainer, _ docker: DockerCommands, _ context: StepContext) async throws
        -> TestExit
    {
        let runner = parts.runner
        // Of a job that a stopped server left: the name is the job's own.
        _ = try await runner.collect(docker.remove([container.name]))
        await context.log.line("Starting \(container.image.singleLine(limit: 200))")
        do {
            try await check(
                runner.stream(docker.create(container), to: context.log),
                "docker create of test.image \(container.image.singleLine(limit: 200))",
                RegistryAccess(pullingImages: configuration))
        } catch let cancellation as CancellationError {
            await awaitContainer(container.name, docker)
            throw cancellation
        }
        try await check(runner.collect(docker.copy(source, into: container.name), within: .seconds(600)), "docker cp")
        // The engine has named the container.
        await context.log.beginOutput()
        // The CLI passes signals on to a shell that ignores them; only SIGKILL ends it at once.
        _ = try await parts.runner.ending(after: .zero).stream(docker.start(container.name), to: context.log)
        let ended = try await runner.collect(docker.ending(of: container.name))
        try check(ended, "docker inspect")
        let words = ended.text.prefix { !$0.isNewline }.split(separator: " ", maxSplits: 2)
        if words.count > 2, !words[2].allSatisfy(\.isWhitespace) {
            throw StepFailure("the test container could not be started: \(String(words[2]).singleLine(limit: 300))")
        }
        let exit = TestExit(
            code: words.first.flatMap { Int($0) } ?? -1, ranOutOfMemory: words.dropFirst().first == "true")
        _ = try await runner.collect(docker.remove([container.name]))
        return exit
    }

    /// The engine goes on making a container whose client has been ended, so that there is nothing to remove until a
    /// moment later.
    private func awaitContainer(_ name: String, _ docker: DockerCommands) async {
        let runner = parts.runner
        try? await uncancelled {
            for _ in 0..<8 {
                if try await runner.collect(docker.ending(of: name)).succeeded { return }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Those of the recipe, bounded by what the engine's machine has.
    private func limits(_ recipe: TestRecipe, _ docker: DockerCommands) async throws -> TestLimits {
        let machine = try await parts.runner.collect(docker.machine())
        let words = machine.text.split(whereSeparator: \.isWhitespace)
        // An engine that does not answer is the next command's to tell.
        guard words.count == 2, let cores = Int(words[0]), let memory = Int64(words[1]), cores > 0, memory > 0 else {
            return recipe.limits
        }
        var limits = recipe.limits.bounded(cores: cores, memoryBytes: memory)
        // Control groups of version 1 take no group that has more processors than the one it is in.
        let group = configuration.build.cgroupParent.map { ControlGroup(parent: $0) }
        limits.cpus = min(limits.cpus, group?.limits.processors ?? limits.cpus)
        return limits
    }

    private func container(
        _ recipe: TestRecipe, _ commit: CommitID, _ context: StepContext, _ limits: TestLimits
    ) throws -> TestContainer {
        let file = folder + "/test.env"
        let environment =
            [("CI", "true"), ("SLIPWAY_COMMIT", commit.description)] + recipe.environment.map { ($0.name, $0.value) }
        let lines = environment.filter { !$0.1.contains(where: \.isNewline) }.map { "\($0.0)=\($0.1)\n" }.joined()
        let made = FileManager.default.createFile(
            atPath: file, contents: Data(lines.utf8), attributes: [.posixPermissions: 0o600])
        guard made else { throw StepFailure("\(file) cannot be written; is the disk full?") }
        var container = TestContainer(
            name: StepContainer.name(instance: parts.instance, job: job.id, step: .test), image: recipe.image,
            script: recipe.run,
            labels: labels(step: .test), environmentFile: file)
        container.longEnvironment = environment.filter { $0.1.contains(where: \.isNewline) }
        container.limits = limits
        container.cgroupParent = configuration.build.cgroupParent
        return container
    }

    func labels(step: Step.Name) -> [(name: String, value: String)] {
        [
            ("io.slipway.instance", parts.instance), ("io.slipway.job", String(job.id)),
            ("io.slipway.step", step.rawValue),
        ]
    }

    func check(_ result: CommandResult, _ what: String, _ access: RegistryAccess? = nil) throws {
        guard result.succeeded else { throw StepFailure(DockerRefusal.sentence(what, redacted(result), access)) }
    }

    /// Before a sentence is made of it: of a secret that the sentence cuts in two nobody would find the half.
    func redacted(_ result: CommandResult) -> CommandResult {
        var result = result
        result.tail = redactor.redact(result.tail)
        return result
    }
}

extension TestExit {
    /// - Parameters:
    ///   - script: the configuration's; one of a single command is named, of others it is not known which failed.
    ///   - limits: what it had.
    func sentence(of script: String, _ limits: TestLimits) -> String {
        if ranOutOfMemory {
            return "the tests ran out of memory (\(limits.memoryBytes >> 20) MiB); test.limits.memory gives them more"
        }
        let lines = script.split(whereSeparator: \.isNewline)
        let command =
            lines.count == 1
            ? "the test script `\(lines[0].trimmingCharacters(in: .whitespaces).singleLine(limit: 200))`"
            : "the test script"
        switch code {
        case 126, 127: return "\(command) ended with exit status \(code): a command of it is not in the image"
        default: return "\(command) ended with exit status \(code)"
        }
    }
}

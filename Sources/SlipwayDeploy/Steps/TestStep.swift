import Foundation
import SlipwayBase
import SlipwayCore

/// The app's test script in a container of its own, on a copy of the sources; its exit status decides.
///
/// The script runs by `sh -e`: the first command that fails ends it, as on other CI services.
struct TestStep: JobStep {
    let name = Step.Name.test
    let usesEngine = true

    func limit(_ run: JobRun) -> TimeLimit {
        TimeLimit(duration: run.app.test?.timeout ?? run.parts.limits.release, key: "test.timeout")
    }

    /// Tests by another recipe than that of now count for nothing: the configuration may have changed over a restart.
    func left(_ run: JobRun, _ context: StepContext) -> Product? {
        // In a job that only tests, they have ended and that is all.
        let isBuilt = context.products.knownImage != nil || run.target == nil
        return isBuilt || context.earlier.last(\.test)?.intent.recipe == run.app.recipeDigest ? .nothing : nil
    }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        let commit = try context.products.commit
        guard context.products.knownImage == nil else {
            return .reused(.nothing, reason: "commit \(commit.short) passed before")
        }
        guard let recipe = run.app.test else {
            return .skipped(.nothing, reason: "\(run.app.name) has no test configured")
        }
        let docker = try await run.engine.commands()
        let container = try container(recipe, commit, await limits(recipe, docker, run), run)
        let test = TestRun(container: container.name, image: recipe.image, recipe: run.app.recipeDigest)
        let exit = try await context.effect(Effect.test, test) {
            do {
                return try await ending(of: container, docker, run, context.log)
            } catch {
                // The engine, not the CLI, owns the container: it is ended by name whatever became of the CLI.
                let runner = run.engine.runner
                _ = try? await uncancelled { try await runner.collect(docker.remove([container.name])) }
                throw error
            }
        }
        guard exit.isSuccess else { throw StepFailure(exit.sentence(of: recipe.run, container.limits)) }
        return .done
    }

    private func ending(
        of container: TestContainer, _ docker: DockerCommands, _ run: JobRun, _ log: StepLog
    ) async throws -> TestExit {
        let (engine, runner) = (run.engine, run.engine.runner)
        // Of a job that a stopped server left: the name is the job's own.
        _ = try await runner.collect(docker.remove([container.name]))
        await log.line("Starting \(container.image.singleLine(limit: 200))")
        do {
            try await engine.check(
                runner.stream(docker.create(container), to: log),
                "docker create of test.image \(container.image.singleLine(limit: 200))", engine.pulling)
        } catch let cancellation as CancellationError {
            await awaitContainer(container.name, docker, runner)
            throw cancellation
        }
        try await engine.check(
            runner.collect(docker.copy(run.source, into: container.name), within: .seconds(600)), "docker cp")
        // The engine has named the container.
        await log.beginOutput()
        // The CLI passes signals on to a shell that ignores them; only SIGKILL ends it at once.
        _ = try await runner.ending(after: .zero).stream(docker.start(container.name), to: log)
        let ended = try await runner.collect(docker.ending(of: container.name))
        try engine.check(ended, "docker inspect")
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
    private func awaitContainer(_ name: String, _ docker: DockerCommands, _ runner: CommandRunner) async {
        try? await uncancelled {
            for _ in 0..<8 {
                if try await runner.collect(docker.ending(of: name)).succeeded { return }
                try await Task.sleep(for: .milliseconds(100))
            }
        }
    }

    /// Those of the recipe, bounded by what the engine's machine has.
    private func limits(_ recipe: TestRecipe, _ docker: DockerCommands, _ run: JobRun) async throws -> TestLimits {
        let machine = try await run.engine.runner.collect(docker.machine())
        let words = machine.text.split(whereSeparator: \.isWhitespace)
        // An engine that does not answer is the next command's to tell.
        guard words.count == 2, let cores = Int(words[0]), let memory = Int64(words[1]), cores > 0, memory > 0 else {
            return recipe.limits
        }
        var limits = recipe.limits.bounded(cores: cores, memoryBytes: memory)
        // Control groups of version 1 take no group that has more processors than the one it is in.
        let group = run.configuration.build.cgroupParent.map { ControlGroup(parent: $0) }
        limits.cpus = min(limits.cpus, group?.limits.processors ?? limits.cpus)
        return limits
    }

    private func container(
        _ recipe: TestRecipe, _ commit: CommitID, _ limits: TestLimits, _ run: JobRun
    ) throws -> TestContainer {
        let file = run.folder + "/test.env"
        let environment =
            [("CI", "true"), ("SLIPWAY_COMMIT", commit.description)] + recipe.environment.map { ($0.name, $0.value) }
        let lines = environment.filter { !$0.1.contains(where: \.isNewline) }.map { "\($0.0)=\($0.1)\n" }.joined()
        let made = FileManager.default.createFile(
            atPath: file, contents: Data(lines.utf8), attributes: [.posixPermissions: 0o600])
        guard made else { throw StepFailure("\(file) cannot be written; is the disk full?") }
        var container = TestContainer(
            name: StepContainer.name(instance: run.parts.instance, job: run.job.id, step: name), image: recipe.image,
            script: recipe.run, labels: run.engine.labels(step: name), environmentFile: file)
        container.longEnvironment = environment.filter { $0.1.contains(where: \.isNewline) }
        container.limits = limits
        container.cgroupParent = run.configuration.build.cgroupParent
        return container
    }
}

extension TestExit {
    /// - Parameter script: the configuration's; one of a single command is named, of others it is not known which failed.
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

import Foundation
import SlipwayBase
import SlipwayCore

/// Builds the commit's image.
struct BuildStep: JobStep {
    let name = Step.Name.build
    let usesEngine = true

    func limit(_ run: JobRun) -> TimeLimit { TimeLimit(duration: run.app.build.timeout, key: "build.timeout") }

    /// A build by another recipe than that of now counts for nothing: the configuration may have changed over a restart.
    func left(_ run: JobRun, _ context: StepContext) async -> Product? {
        if let known = context.products.knownImage { return .built(known) }
        guard let build = context.earlier.last(\.build), build.intent.recipe == run.app.recipeDigest,
            let image = build.progress.outcome, await run.engine.has(image.id),
            let commit = context.products.knownCommit
        else { return nil }
        return .built(BuiltImage(commit: commit, id: image.id))
    }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        let commit = try context.products.commit
        if let known = context.products.knownImage {
            return .reused(
                .built(known), reason: "commit \(commit.short) was built before as \(known.id.prefix(19))")
        }
        let (recipe, engine) = (run.app.build, run.engine)
        let docker = try await engine.commands()
        let tree = SourceTree(run.source)
        let folder = try tree.path(recipe.context, "build.context")
        let dockerfile = try await dockerfile(of: recipe, tree, context.log)
        try await refuseWhatCannotBeBuilt(dockerfile, recipe, docker, run)
        let idFile = run.folder + "/image.id"
        var image = ImageBuild(
            dockerfile: dockerfile, context: folder, tag: ImageName.built(run.app.name, commit), idFile: idFile)
        image.stage = recipe.stage
        let own = [("SLIPWAY_COMMIT", commit.description), ("SOURCE_VERSION", commit.description)]
        image.arguments =
            own.filter { name, _ in !recipe.arguments.contains { $0.name == name } } + recipe.arguments
        image.labels = engine.labels(commit)
        image.usesCache = !run.job.plan.fresh
        image.cgroupParent = run.configuration.build.cgroupParent
        image.ssh = recipe.ssh
        image.secrets = try writeSecrets(recipe.secrets, run)
        defer { try? FileManager.default.removeItem(atPath: secretsFolder(run)) }
        let build = BuildRun(tag: image.tag, recipe: run.app.recipeDigest)
        let id = try await context.effect(Effect.build, build) { [image] in
            let built = try await engine.runner.stream(docker.build(image), to: context.log)
            guard built.succeeded else {
                throw StepFailure(DockerRefusal.ofBuild(engine.redacted(built), docker.builder, engine.pulling))
            }
            let id = try engine.readID(idFile)
            try await engine.name(id, docker)
            return BuiltImageID(id: id)
        }.id
        await context.log.line("Built \(id)")
        return .done(.built(BuiltImage(commit: commit, id: id)))
    }
}

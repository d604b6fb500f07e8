import Foundation
import SlipwayBase
import SlipwayCore

/// An image on the local engine.
struct BuiltImage: Sendable {
    var commit: CommitID
    /// The engine's id, `sha256:…`.
    var id: String
}

extension JobRun {
    /// Tests and builds at the same time; both must succeed. Of a commit that was tested and built before, nothing
    /// is done again.
    func testAndBuild(_ commit: CommitID, _ app: App, _ target: Target) async throws -> BuiltImage {
        let recipe = app.recipeDigest
        return try await parts.builds.withLock("\(app.name) \(commit) \(recipe)") {
            if let image = try await builtBefore(commit, app, recipe) {
                let reason = "commit \(commit.short) was built before as \(image.prefix(19))"
                let known = BuiltImage(commit: commit, id: image)
                if app.test != nil {
                    try await step(.test, app, target, ended: { _ in () }) { _ in
                        .reused((), reason: "commit \(commit.short) passed before")
                    }
                }
                return try await step(.build, app, target, ended: { _ in known }) { _ in
                    .reused(known, reason: reason)
                }
            }
            // A full disk fails no job.
            try await rest(parts.limits.roomPause, while: parts.shortage)
            try await restoreSource(commit, app)
            let image = try await withThrowingTaskGroup(of: BuiltImage?.self) { group in
                if app.test != nil {
                    group.addTask {
                        try await step(
                            .test, app, target, within: app.test?.timeout,
                            ended: { isCurrent($0.earlier.last(\.test)?.intent.recipe, $0) ? () : nil }
                        ) {
                            try await runTests(commit, $0)
                        }
                        return nil
                    }
                }
                group.addTask {
                    try await step(.build, app, target, within: app.build.timeout, ended: { await built(commit, $0) }) {
                        try await build(commit, $0)
                    }
                }
                var image: BuiltImage?
                // The first failure ends the group and with it the other step.
                while let result = try await group.next() { image = result ?? image }
                return image
            }
            guard let image else { throw JobFailure(reason: "build: no image was built") }
            // Only now: an image whose tests failed must not be taken for a tested one.
            let (releases, job) = (parts.releases, job.id)
            try await parts.patience.write {
                try await releases.record(image: image.id, app: app.name, commit: commit, recipe: recipe, job: job)
            }
            return image
        }
    }

    /// The image of an earlier job, if it still is on this engine.
    private func builtBefore(_ commit: CommitID, _ app: App, _ recipe: String) async throws -> String? {
        guard !job.plan.fresh else { return nil }
        guard let image = try await parts.releases.image(app: app.name, commit: commit, recipe: recipe) else {
            return nil
        }
        return await isHere(image) ? image : nil
    }

    /// Whether a step that has ended did its work by the recipe of now: the configuration may have changed over a restart.
    private func isCurrent(_ recipe: String?, _ context: StepContext) -> Bool {
        recipe == context.app.recipeDigest
    }

    /// What the build left that ended before the server stopped.
    private func built(_ commit: CommitID, _ context: StepContext) async -> BuiltImage? {
        guard let earlier = context.earlier.last(\.build), isCurrent(earlier.intent.recipe, context),
            let image = earlier.progress.outcome, await isHere(image.id)
        else { return nil }
        return BuiltImage(commit: commit, id: image.id)
    }

    /// Whether the engine has an image. Where Docker does not answer, the build says what is wrong with it.
    private func isHere(_ image: String) async -> Bool {
        guard let docker = try? await docker(.images) else { return false }
        return (try? await parts.runner.collect(docker.imageID(image)).succeeded) ?? false
    }

    private func build(_ commit: CommitID, _ context: StepContext) async throws -> StepResult<BuiltImage> {
        let recipe = context.app.build
        let docker = try await docker(.images)
        let folder = try beneathSource(recipe.context, "build.context")
        let dockerfile = try await dockerfile(of: recipe, context.log)
        try await refuseWhatCannotBeBuilt(dockerfile, recipe, docker)
        let idFile = self.folder + "/image.id"
        var image = ImageBuild(
            dockerfile: dockerfile, context: folder, tag: "\(ImageBuild.repository):\(context.app.name)-\(commit)",
            idFile: idFile)
        image.stage = recipe.stage
        let own = [("SLIPWAY_COMMIT", commit.description), ("SOURCE_VERSION", commit.description)]
        image.arguments =
            own.filter { name, _ in !recipe.arguments.contains { $0.name == name } } + recipe.arguments
        image.labels = labels(commit)
        image.usesCache = !job.plan.fresh
        image.cgroupParent = configuration.build.cgroupParent
        image.ssh = recipe.ssh
        image.secrets = try writeSecrets(recipe.secrets)
        defer { try? FileManager.default.removeItem(atPath: secretsFolder) }
        let run = BuildRun(tag: image.tag, recipe: context.app.recipeDigest)
        let id = try await context.effect(Effect.build, run) { [image] in
            let built = try await parts.runner.stream(docker.build(image), to: context.log)
            guard built.succeeded else {
                throw StepFailure(
                    DockerRefusal.ofBuild(redacted(built), docker.builder, RegistryAccess(pullingImages: configuration))
                )
            }
            let id = try readID(idFile)
            // A name by content, which no later build moves: by its names the image is found again and removed.
            try await check(parts.runner.collect(docker.tag(id, as: DerivedImage.name(of: id))), "docker tag")
            return BuiltImageID(id: id)
        }.id
        await context.log.line("Built \(id)")
        return .done(BuiltImage(commit: commit, id: id))
    }

    func labels(_ commit: CommitID) -> [(name: String, value: String)] {
        [
            ("org.opencontainers.image.revision", commit.description),
            ("io.slipway.instance", parts.instance), ("io.slipway.job", String(job.id)),
        ]
    }

    func readID(_ file: String) throws -> String {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let id = String(text.prefix { !$0.isNewline })
        guard id.hasPrefix("sha256:") else { throw StepFailure("docker build wrote no image id; its log says more") }
        return id
    }

    /// A configured path within the work tree, followed to where its links lead: a repository may not show the
    /// build what is outside of it.
    func beneathSource(_ path: String, _ key: String) throws -> String {
        guard let root = Self.realPath(source) else { throw StepFailure("the work tree is gone") }
        guard let real = Self.realPath(source + "/" + path) else {
            throw StepFailure("the commit has no \(path.singleLine(limit: 200)), which \(key) names")
        }
        guard real == root || real.hasPrefix(root + "/") else {
            throw StepFailure("\(key) \(path.singleLine(limit: 200)) leads out of the work tree")
        }
        return real
    }

    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet

/// Images in the target's repositories, ready to be released.
struct PushedImage: Sendable {
    var commit: CommitID
    /// The config digest of what the processes get.
    var image: String
    /// The digest of its manifest, as the push printed it.
    var manifest: String?
    /// Of the release phase's image, where there is one.
    var releaseImage: String?

    func migrated(_ migration: Migration) -> Migrated {
        Migrated(image: image, commit: commit, command: migration.command)
    }
}

extension JobRun {
    /// Heroku runs a release phase with every release, and given no image for it runs the last one's: another version's, or
    /// one that failed. So it is always given one, if need be one that does nothing.
    private static let nothingToMigrate = "echo 'this image was migrated before'"

    /// Pushes the image for every process type, and the release phase's image.
    func push(_ built: BuiltImage, _ context: StepContext) async throws -> StepResult<PushedImage> {
        guard let target = context.target else { throw StepFailure("a job without a target has nothing to push") }
        let docker = try await docker(.platform)
        // A name by content, which no other build moves: without one, dropping the pushed name would drop the image.
        try await check(parts.runner.collect(docker.tag(built.id, as: DerivedImage.name(of: built.id))), "docker tag")
        var first: RegistryImage?
        for type in target.processes {
            let pushed = try await push(built.id, as: type, target, docker, context)
            guard first == nil || first?.image == pushed.image else {
                throw StepFailure(
                    "the registry has different images for one push: \(first?.image ?? "") and \(pushed.image)")
            }
            // Pulled again it is by the first type's name.
            if first == nil { first = pushed }
        }
        guard let first else { throw StepFailure("target \(target.name) has no processes") }
        let image = first.image
        var pushed = PushedImage(commit: built.commit, image: image, manifest: first.manifest)
        if var migration = target.migrate, migration.run == .releasePhase {
            if try await !mustMigrate(migration, pushed, context.app, target) {
                migration.command = Self.nothingToMigrate
            }
            let derived = try await releaseImage(of: built, image, migration, target, context)
            pushed.releaseImage = try await push(derived, as: "release", target, docker, context).image
        }
        return .done(pushed)
    }

    /// False for a migration that does harm when it is done twice and was the last one done here.
    func mustMigrate(
        _ migration: Migration, _ image: PushedImage, _ app: App, _ target: Target
    ) async throws -> Bool {
        if migration.repeatable { return true }
        return try await !parts.releases.isMigrated(
            image.migrated(migration), app: app.name, target: target.name, before: job.id)
    }

    private func push(
        _ id: String, as type: String, _ target: Target, _ docker: DockerCommands, _ context: StepContext
    ) async throws -> RegistryImage {
        let heroku = configuration.heroku
        let repository = "\(target.herokuApp)/\(type)"
        let name = "\(heroku.registry)/\(repository)"
        try await check(parts.runner.collect(docker.tag(id, as: name)), "docker tag")
        let client = HTTPClient(tls: try .current(ca: heroku.ca))
        let registry = Registry(host: heroku.registry, key: heroku.apiKey) {
            await context.log.line($0)
        } send: {
            try await client.send($0, deadline: .seconds(30))
        }
        let push = ImagePush(repository: repository, image: id)
        if let known = try await pushedBefore(push, registry, context) {
            await context.log.line("\(name) is image \(known.image) already")
            return known
        }
        let pushed = try await context.effect(Effect.push, push) {
            let manifest = try await pushPatiently(name, docker, context)
            return RegistryImage(
                image: try await registry.configDigest(of: repository, manifest: manifest, localID: id),
                manifest: manifest)
        }
        await context.log.line("\(name) is image \(pushed.image)")
        // The name was only for the push; the image keeps the one it was built under.
        _ = try await parts.runner.collect(docker.untag(name))
        return pushed
    }

    /// What a push of this image had led to before the server stopped; nil: it has to be done.
    private func pushedBefore(
        _ push: ImagePush, _ registry: Registry, _ context: StepContext
    ) async throws -> RegistryImage? {
        guard let earlier = context.earlier.last(\.push, { $0 == push }) else { return nil }
        guard case .begun = earlier.progress else { return earlier.progress.outcome }
        // Whatever else the registry says, pushing it once more is what helps.
        guard
            let digest = try? await registry.configDigest(of: push.repository, manifest: nil, localID: push.image)
        else { return nil }
        let image = RegistryImage(image: digest)
        try await context.journal.end(earlier.id, as: .push(push, .done(image)))
        return image
    }

    /// What the push left that ended before the server stopped; nil too where the target has come to need other images.
    func imagePushedBefore(to target: Target) -> PushedImage? {
        guard job.steps.contains(where: { $0.name == .push && $0.state.hasEnded }), let commit = job.plan.commit.id
        else { return nil }
        func image(_ type: String) -> RegistryImage? {
            let repository = "\(target.herokuApp)/\(type)"
            return earlier.last(\.push) { $0.repository == repository }?.progress.outcome
        }
        let images = target.processes.map(image)
        let releaseImage = image("release")
        guard let first = images.first ?? nil, images.allSatisfy({ $0?.image == first.image }),
            releaseImage != nil || target.migrate?.run != .releasePhase
        else { return nil }
        return PushedImage(
            commit: commit, image: first.image, manifest: first.manifest, releaseImage: releaseImage?.image)
    }

    /// - Returns: the manifest's digest, as the push printed it.
    private func pushPatiently(_ name: String, _ docker: DockerCommands, _ context: StepContext) async throws -> String?
    {
        for attempt in 1... {
            await context.log.line("Pushing \(name)")
            let pushed = try await parts.runner.stream(docker.push(name), to: context.log)
            if pushed.succeeded { return Self.manifestDigest(in: pushed.lastWords) }
            guard attempt < 3, DockerRefusal.isTransient(pushed) else {
                throw StepFailure(
                    DockerRefusal.sentence(
                        "push to \(name)", redacted(pushed), .platform(configuration.heroku.registry)))
            }
            let pause = Duration.seconds(attempt * 2).jittered
            await context.log.line("the push failed (\(pushed.exit)), trying again in \(pause.spelled)")
            try await Task.sleep(for: pause)
        }
        return nil
    }

    /// `latest: digest: sha256:… size: 1234`
    static func manifestDigest(in output: String) -> String? {
        guard let line = output.split(whereSeparator: \.isNewline).last(where: { $0.contains("digest: sha256:") }),
            let word = line.split(separator: " ").first(where: { $0.hasPrefix("sha256:") })
        else { return nil }
        return String(word)
    }

    // MARK: The release phase's image

    /// The same layers with the migration as the command; Heroku's release phase runs an image, not a command.
    ///
    /// It is the same image for the same migration, so that a redeploy changes nothing. After a failed release it
    /// must differ: Heroku ignores a release with the images it was given last.
    private func releaseImage(
        of built: BuiltImage, _ image: String, _ migration: Migration, _ target: Target, _ step: StepContext
    ) async throws -> String {
        let docker = try await docker(.images)
        let failures = try await parts.releases.failedReleases(of: image, app: step.app.name, target: target.name)
        let derived = DerivedImage(base: built.id, command: migration.command, attempt: failures)
        let known = try await parts.runner.collect(docker.imageID(derived.tag))
        if known.succeeded { return String(known.text.prefix { !$0.isNewline }) }
        await step.log.line("Making the release phase's image, whose command is the migration")
        let context = folder + "/release"
        try FileManager.default.createDirectory(atPath: context, withIntermediateDirectories: true)
        let file = context + "/Dockerfile"
        try derived.dockerfile.write(toFile: file, atomically: true, encoding: .utf8)
        var build = ImageBuild(dockerfile: file, context: context, tag: derived.tag, idFile: folder + "/release.id")
        build.labels = [("io.slipway.instance", parts.instance)]
        build.cgroupParent = configuration.build.cgroupParent
        if failures > 0 { build.labels.append(("io.slipway.attempt", String(failures))) }
        try await check(parts.runner.stream(docker.build(build), to: step.log), "docker build of the release image")
        return try readID(build.idFile)
    }
}

/// An image made of another by giving it a command.
struct DerivedImage: Sendable {
    /// The base's id, `sha256:…`.
    var base: String
    var command: String
    /// How often its release has failed.
    var attempt: Int

    /// An image's name on this engine: BuildKit starts from names, not from ids.
    static func name(of image: String) -> String {
        "\(ImageBuild.repository):image-\(image.dropFirst("sha256:".count))"
    }

    var tag: String {
        let recipe = SHA256.hash(Array("\(base)\n\(attempt)\n\(command)".utf8)).hex
        return "\(ImageBuild.repository):release-\(recipe)"
    }

    /// Both, because `FROM` inherits the base's entrypoint, which would get the shell as its arguments.
    var dockerfile: String {
        """
        FROM \(Self.name(of: base))
        ENTRYPOINT ["/bin/sh","-c"]
        CMD [\(JSONText.quoted(command))]

        """
    }
}

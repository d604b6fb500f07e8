import SlipwayBase
import SlipwayCore
import SlipwayDeploy
import SlipwayHTTP

extension HerokuPlatform {
    /// Pushes the image for every process type, and the release phase's image.
    func publish(_ image: BuiltImage, in context: StepContext) async throws -> PublishedImage {
        let engine = tools.engine
        let configuration = try await runnable(image, in: context)
        let docker = try await engine.commands(loggedInAs: login)
        // Without a name of its own, dropping the pushed name would drop the image.
        try await engine.name(image.id, docker)
        var first: RegistryImage?
        for type in target.processes {
            let pushed = try await push(image.id, as: type, docker, context)
            guard first == nil || first?.image == pushed.image else {
                throw StepFailure(
                    "the registry has different images for one push: \(first?.image ?? "") and \(pushed.image)")
            }
            // Pulled again it is by the first type's name.
            if first == nil { first = pushed }
        }
        guard let first else { throw StepFailure("target \(target.name) has no processes") }
        var published = PublishedImage(
            commit: image.commit, images: target.processes.map { ProcessImage(type: $0, image: first.image) },
            manifest: first.manifest)
        if let command = try await releaseCommand(of: published, context) {
            let derived = try await releaseImage(of: image, configuration, published, command, context)
            let pushed = try await push(derived, as: ReleaseImage.type, docker, context)
            published.images.append(ProcessImage(type: ReleaseImage.type, image: pushed.image))
        }
        return published
    }

    func published(_ commit: CommitID, by journal: [JournalEntry]) -> PublishedImage? {
        func image(_ type: String) -> RegistryImage? {
            let repository = HerokuRepository(target, type).path
            return journal.last(\.push) { $0.repository == repository }?.progress.outcome
        }
        let images = target.processes.map(image)
        let releaseImage = image(ReleaseImage.type)
        guard let first = images.first ?? nil, images.allSatisfy({ $0?.image == first.image }),
            releaseImage != nil || target.releasePhase == nil
        else { return nil }
        let processes = target.processes.map { ProcessImage(type: $0, image: first.image) }
        let release = releaseImage.map { ProcessImage(type: ReleaseImage.type, image: $0.image) }
        return PublishedImage(
            commit: commit, images: processes + [release].compactMap(\.self), manifest: first.manifest)
    }

    /// What Heroku could not run is found before anything goes live.
    private func runnable(_ image: BuiltImage, in context: StepContext) async throws -> ImageConfiguration {
        let configuration = try await tools.engine.configuration(of: image.id)
        guard !configuration.entrypoint.isEmpty || !configuration.command.isEmpty else {
            throw StepFailure(
                "the image has no command, so Heroku could not start it: end the Dockerfile's last stage with a CMD")
        }
        if configuration.command.isEmpty {
            await context.log.line(
                "The image has an ENTRYPOINT and no CMD; Heroku may start no dyno of it (\"No command specified\"): make its "
                    + "last argument, or all of it, a CMD")
        }
        // A rollback migrates nothing; its release phase has a command all the same.
        let runsCommand = target.releasePhase != nil || target.migrate != nil && !context.job.plan.isRollback
        if runsCommand, try await !tools.engine.has("/bin/sh", in: image.id, step: context.step) {
            throw StepFailure(
                "the image has no /bin/sh, which runs the migration, so nothing was migrated or released: build it from a "
                    + "base with a shell, or set migrate.run to off and let the app migrate itself when it starts")
        }
        return configuration
    }

    // MARK: A push

    private func push(
        _ id: String, as type: String, _ docker: DockerCommands, _ context: StepContext
    ) async throws -> RegistryImage {
        let engine = tools.engine
        let repository = HerokuRepository(target, type)
        let name = repository.name(at: settings.registry)
        try engine.check(try await engine.runner.collect(docker.tag(id, as: name)), "docker tag")
        let registry = Registry(host: settings.registry, key: settings.apiKey) {
            await context.log.line($0)
        } send: {
            try await client.send($0, deadline: .seconds(30))
        }
        let push = ImagePush(repository: repository.path, image: id)
        if let known = try await pushedBefore(push, registry, context) {
            await context.log.line("\(name) is image \(known.image) already")
            return known
        }
        let pushed = try await context.effect(Effect.push, push) {
            let manifest = try await pushPatiently(name, docker, context)
            return RegistryImage(
                image: try await registry.configDigest(of: repository.path, manifest: manifest, localID: id),
                manifest: manifest)
        }
        await context.log.line("\(name) is image \(pushed.image)")
        // The name was only for the push; the image keeps the one it was built under.
        _ = try await engine.runner.collect(docker.untag(name))
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

    /// - Returns: the manifest's digest, as the push printed it.
    private func pushPatiently(_ name: String, _ docker: DockerCommands, _ context: StepContext) async throws -> String?
    {
        for attempt in 1... {
            await context.log.line("Pushing \(name)")
            let pushed = try await tools.engine.runner.stream(docker.push(name), to: context.log)
            if pushed.succeeded { return Self.manifestDigest(in: pushed.lastWords) }
            guard attempt < 3, DockerRefusal.isTransient(pushed) else {
                try tools.engine.check(pushed, "push to \(name)", access)
                break
            }
            let pause = Duration.seconds(attempt * 2).jittered
            await context.log.line("the push failed (\(pushed.exit)), trying again in \(pause.inWords)")
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

    /// Heroku runs a release phase with every release, and given no image for it runs the last one's: another version's, or
    /// one that failed. So it is always given one, if need be one that does nothing.
    private func releaseCommand(of image: PublishedImage, _ context: StepContext) async throws -> String? {
        guard let migration = target.releasePhase else { return nil }
        if context.job.plan.isRollback { return "echo 'a rollback: nothing is migrated'" }
        let isDue = try await tools.record.isDue(migration, of: image)
        return isDue ? migration.command : "echo 'this image was migrated before'"
    }

    /// It is the same image for the same migration, so that a redeploy changes nothing. After a failed release it must
    /// differ: Heroku ignores a release with the images it was given last.
    private func releaseImage(
        of built: BuiltImage, _ configuration: ImageConfiguration, _ published: PublishedImage, _ command: String,
        _ context: StepContext
    ) async throws -> String {
        let engine = tools.engine
        let failures = try await tools.record.failedReleases(of: published.image)
        let image = ReleaseImage(
            base: built.id, entrypoint: configuration.entrypoint, command: command, attempt: failures)
        if let known = try await engine.id(of: image.tag, try await engine.commands()) { return known }
        await context.log.line(
            "Making the release phase's image, whose command is the migration"
                + (image.runsThroughEntrypoint
                    ? "; its ENTRYPOINT \(configuration.entrypoint[0].singleLine(limit: 100)) gets that as arguments"
                    : ""))
        return try await engine.derive(
            from: built.id, configuration, as: image.tag, changes: image.changes,
            labels: failures > 0 ? [("io.slipway.attempt", String(failures))] : [], "the release image", in: context)
    }
}

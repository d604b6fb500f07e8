import SlipwayBase
import SlipwayCore

extension JobRun {
    /// Brings the image that is live at another target into this target's repositories; nothing is built.
    func promote(from source: String, _ context: StepContext) async throws -> StepResult<PushedImage> {
        guard let live = try await parts.releases.live(app: context.app.name, target: source) else {
            throw StepFailure("nothing is live at \(source) yet; deploy there first, then promote")
        }
        await context.log.line(
            "Live at \(source) since job \(live.job): commit \(live.commit) as image \(live.image), release v\(live.version)"
        )
        if let asked = job.plan.commit.id, asked != live.commit {
            await context.log.line(
                "\(job.plan.trigger.ref.singleLine()) names \(asked), what is live is promoted")
        }
        let known = await parts.git.remembered(live.commit, app: context.app)
        try await parts.queue.resolve(job.id, to: known ?? Commit(id: live.commit))
        let id = try await local(live, context)
        return try await push(BuiltImage(commit: live.commit, id: id), context)
    }

    /// A release's image on this engine, brought back from the registry when it has been removed here.
    /// - Returns: the engine's id.
    func local(_ release: Release, _ context: StepContext) async throws -> String {
        let docker = try await docker(.platform)
        if let id = try await id(of: release.image, docker) { return id }
        guard let target = context.app.target(named: release.target), let type = target.processes.first else {
            throw StepFailure("target \(release.target), which has the image, is no longer configured")
        }
        let name = "\(configuration.heroku.registry)/\(target.herokuApp)/\(type)"
        await context.log.line("The image is no longer on this engine; pulling it from \(name)")
        // By its manifest, since newer images have the name; but not every registry answers by a digest.
        let references = [release.manifest.map { "\(name)@\($0)" }, name].compactMap(\.self)
        for reference in references {
            let pulled = try await parts.runner.stream(docker.pull(reference), to: context.log)
            if reference == name { try check(pulled, "pull of \(name)", .platform(configuration.heroku.registry)) }
            guard let id = try await id(of: release.image, docker) else { continue }
            // A name of ours instead of the registry's, by which the image can be removed again.
            try await check(parts.runner.collect(docker.tag(id, as: DerivedImage.name(of: id))), "docker tag")
            _ = try await parts.runner.collect(docker.untag(reference))
            return id
        }
        throw StepFailure(
            "the image of commit \(release.commit.short) (\(release.image)) is neither on this engine nor in \(name) any "
                + "more; deploy that commit again")
    }

    private func id(of image: String, _ docker: DockerCommands) async throws -> String? {
        let found = try await parts.runner.collect(docker.imageID(image))
        return found.succeeded ? String(found.text.prefix { !$0.isNewline }) : nil
    }
}

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
                "slipway: \(job.plan.trigger.ref.singleLine()) names \(asked), what is live is promoted")
        }
        let known = await parts.git.remembered(live.commit, app: context.app)
        try await parts.queue.resolve(job.id, to: known ?? Commit(id: live.commit))
        let id = try await local(live, from: source, context)
        return try await push(BuiltImage(commit: live.commit, id: id), context)
    }

    /// The image on this engine, brought back from the registry when it has been removed here.
    private func local(_ live: Release, from source: String, _ context: StepContext) async throws -> String {
        let docker = try await parts.docker.commands(configuration: try engineFolder())
        let here = try await parts.runner.collect(docker.imageID(live.image))
        if here.succeeded { return String(here.text.prefix { !$0.isNewline }) }
        guard let target = context.app.target(named: source), let type = target.processes.first else {
            throw StepFailure("target \(source), whose image is promoted, is no longer configured")
        }
        let name = "\(configuration.heroku.registry)/\(target.herokuApp)/\(type)"
        await context.log.line("The image is no longer on this engine; pulling \(name)")
        try await check(parts.runner.stream(docker.pull(name), to: context.log), "pull of \(name)")
        let pulled = try await parts.runner.collect(docker.imageID(live.image))
        guard pulled.succeeded else {
            throw StepFailure(
                "\(name) no longer is the image that is live at \(source) (\(live.image)); deploy there again")
        }
        return String(pulled.text.prefix { !$0.isNewline })
    }
}

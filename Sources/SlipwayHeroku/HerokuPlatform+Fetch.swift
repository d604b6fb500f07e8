import SlipwayCore
import SlipwayDeploy

extension HerokuPlatform {
    func fetch(_ release: Release, of origin: Target, in context: StepContext) async throws -> String {
        guard let type = origin.processes.first else { throw StepFailure("target \(origin.name) has no processes") }
        let engine = tools.engine
        let docker = try await engine.commands(loggedInAs: login)
        let name = HerokuRepository(origin, type).name(at: settings.registry)
        await context.log.line("The image is no longer on this engine; pulling it from \(name)")
        // By its manifest, since newer images have the name; but not every registry answers by a digest.
        let references = [release.manifest.map { "\(name)@\($0)" }, name].compactMap(\.self)
        for reference in references {
            let pulled = try await engine.runner.stream(docker.pull(reference), to: context.log)
            if reference == name { try engine.check(pulled, "pull of \(name)", access) }
            guard let id = try await engine.id(of: release.image, docker) else { continue }
            // A name of ours instead of the registry's, by which the image can be removed again.
            try await engine.name(id, docker)
            _ = try await engine.runner.collect(docker.untag(reference))
            return id
        }
        throw StepFailure(
            "the image of commit \(release.commit.short) (\(release.image)) is neither on this engine nor in \(name) any "
                + "more; deploy that commit again")
    }
}

import SlipwayBase
import SlipwayCore

/// Publishes the image that is live at another target; nothing is built.
struct PromoteStep: PublishingStep {
    private let source: String

    init(from source: String) {
        self.source = source
    }

    func image(_ run: JobRun, _ context: StepContext) async throws -> BuiltImage {
        let parts = run.parts
        guard let live = try await parts.releases.live(app: run.app.name, target: source) else {
            throw StepFailure("nothing is live at \(source) yet; deploy there first, then promote")
        }
        await context.log.line(
            "Live at \(source) since job \(live.job): commit \(live.commit) as image \(live.image), release v\(live.version)"
        )
        let plan = run.job.plan
        if let asked = plan.commit.id, asked != live.commit {
            await context.log.line("\(plan.trigger.ref.singleLine()) names \(asked), what is live is promoted")
        }
        let known = await parts.git.remembered(live.commit, app: run.app)
        try await parts.queue.resolve(run.job.id, to: known ?? Commit(id: live.commit))
        return try await run.image(of: live, context)
    }
}

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
        let live = try await run.promoted(from: source)
        await context.log.line("\(source) runs commit \(live.commit) of job \(live.job), as image \(live.image)")
        let plan = run.job.plan
        if let asked = plan.commit.id, asked != live.commit {
            await context.log.line("\(plan.trigger.ref.singleLine()) names \(asked), what is live is promoted")
        }
        let known = await parts.git.remembered(live.commit, app: run.app)
        try await parts.queue.resolve(run.job.id, to: known ?? Commit(id: live.commit))
        return try await run.image(of: live, context)
    }
}

import SlipwayCore

/// A lock that came while the job ran holds it before anything changes.
struct Unlocked: JobPart {
    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        guard !run.job.hasPassedPointOfNoReturn, let target = run.target else { return products }
        try await run.rest(run.parts.limits.lockPause) {
            try await run.parts.queue.lock(app: run.app.name, target: target.name).map {
                "the target is locked by \($0.inWords)"
            }
        }
        return products
    }
}

import SlipwayCore

/// One at a time for a commit and a recipe. Of a commit that was tested and built before, nothing is done again.
struct OneBuild: JobPart {
    private let parts: [any JobPart]

    init(@JobPartsBuilder _ parts: () -> [any JobPart]) {
        self.parts = parts()
    }

    var steps: [any JobStep] { parts.steps }

    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        let (commit, recipe) = (try products.commit, run.app.recipeDigest)
        return try await run.parts.builds.withLock("\(run.app.name) \(commit) \(recipe)") {
            var products = products
            if let image = try await builtBefore(run, commit, recipe) {
                try products.add(.built(image))
                return try await parts.go(run, products)
            }
            products = try await parts.go(run, products)
            // Only now: an image whose tests failed must not be taken for a tested one.
            let (releases, app, job) = (run.parts.releases, run.app.name, run.job.id)
            let image = try products.image.id
            try await run.parts.patience.write {
                try await releases.record(image: image, app: app, commit: commit, recipe: recipe, job: job)
            }
            return products
        }
    }

    /// The image of an earlier job, if it still is on this engine.
    private func builtBefore(_ run: JobRun, _ commit: CommitID, _ recipe: String) async throws -> BuiltImage? {
        guard !run.job.plan.fresh,
            let image = try await run.parts.releases.image(app: run.app.name, commit: commit, recipe: recipe),
            await run.engine.has(image)
        else { return nil }
        return BuiltImage(commit: commit, id: image)
    }
}

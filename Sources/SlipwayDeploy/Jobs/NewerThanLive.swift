import SlipwayCore

/// What is promoted is no newer than what is live already: then a job that nobody asked for has nothing to do.
struct NewerThanLive: JobPart {
    private let source: String

    init(promotedFrom source: String) {
        self.source = source
    }

    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        guard run.job.isAutomatic,
            let promoted = try await run.parts.releases.live(app: run.app.name, target: source),
            case .overtaken(let live, let reason) = try await run.judge(promoted.commit, image: promoted.image)
        else { return products }
        throw EarlyEnd(reason: reason, successor: live)
    }
}

import SlipwayCore

/// Between a promotion's push and its release somebody may have gone back to an earlier image where it is promoted from:
/// what was left there goes nowhere else.
struct StillLive: JobPart {
    private let source: String

    init(at source: String) {
        self.source = source
    }

    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        // What was begun goes on to its end.
        guard !run.job.hasPassedPointOfNoReturn else { return products }
        do {
            let image = try products.published
            let standing = try await run.standing(at: try run.sibling(source))
            if let runs = standing.live?.release, runs.image != image.image {
                try await requireNewer(runs, than: image, isOwn: standing.live?.isOwn == true, run)
            } else if case .refused(let reason) = Promotion(from: source, standing) {
                throw StepFailure(reason)
            }
        } catch let failure as StepFailure {
            throw JobFailure(reason: "nothing was promoted: \(failure.reason)")
        }
        return products
    }

    /// A job that has deployed something newer there since takes nothing back.
    private func requireNewer(
        _ runs: Release, than image: PublishedImage, isOwn: Bool, _ run: JobRun
    ) async throws {
        if isOwn, runs.commit == image.commit { return }
        if isOwn, try await run.parts.git.isAncestor(image.commit, of: runs.commit, app: run.app) { return }
        throw StepFailure(
            "\(source) has gone from commit \(image.commit.short) to \(runs.commit.short) since; promote again if that is "
                + "what you want")
    }
}

import SlipwayBase
import SlipwayCore

/// Takes down what is live at the target now.
struct LiveRecord: JobPart {
    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        guard let target = run.target else { return products }
        let (release, image) = (try products.release, try products.published)
        let (releases, app, job) = (run.parts.releases, run.app.name, run.job.id)
        do {
            try await run.parts.patience.write {
                let live = try await releases.live(app: app, target: target.name)
                let isSame = release.wasAlreadyRunning && live?.image == image.image && live?.version == release.version
                try await releases.record(
                    Release(
                        app: app, target: target.name, job: job, commit: image.commit, image: image.image,
                        manifest: image.manifest, version: release.version,
                        since: isSame ? live?.since ?? .now() : .now()))
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw JobFailure(reason: "v\(release.version) is live, but could not be recorded: \(error)")
        }
        guard release.wasAlreadyRunning else { return products }
        var products = products
        try products.add(.remark("\(release.alreadyRunning); it was restarted and verified"))
        return products
    }
}

extension PlatformRelease {
    /// What is said of images of which no release was made.
    var alreadyRunning: String { "this image was already running as v\(version)" }
}

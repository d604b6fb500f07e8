import SlipwayBase
import SlipwayCore

/// Takes down what is live at the target now, unless somebody has put something else there meanwhile.
struct LiveRecord: JobPart {
    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        guard let target = run.target else { return products }
        let (release, image) = (try products.release, try products.published)
        if let other = try await other(than: image, at: target, run) {
            throw JobFailure(reason: "v\(release.version) was released, and is not what runs any more: \(other)")
        }
        let (releases, app) = (run.parts.releases, run.app.name)
        let record = run.release(release, of: image, at: target)
        do {
            try await run.parts.patience.write {
                let live = try await releases.live(app: app, target: target.name)
                let isSame = release.wasAlreadyRunning && live?.image == image.image && live?.version == release.version
                var record = record
                if isSame, let since = live?.since { record.since = since }
                try await releases.record(record)
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

    /// What of Slipway's runs instead, in words. Where that is not known, what the verification saw counts.
    private func other(than image: PublishedImage, at target: Target, _ run: JobRun) async throws -> String? {
        let standing: Standing
        do {
            standing = try await run.standing(at: target)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return nil
        }
        guard standing.askedAt != nil, let live = standing.live, let runs = live.release, runs.image != image.image
        else { return nil }
        let words = live.words.map { " (\($0.singleLine(limit: 100)))" } ?? ""
        return
            "v\(live.version)\(words) has put commit \(runs.commit.short) there since; deploy again if that was not meant"
    }
}

extension PlatformRelease {
    /// What is said of images of which no release was made.
    var alreadyRunning: String { "this image was already running as v\(version)" }
}

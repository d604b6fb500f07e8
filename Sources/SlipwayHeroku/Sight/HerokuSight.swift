import SlipwayBase
import SlipwayCore
import SlipwayDeploy

/// Asks Heroku what an app runs.
struct HerokuSight: Sendable {
    let api: HerokuAPI
    let app: String
    /// The process types that Slipway releases there.
    let processes: [String]

    /// So many releases are asked for first: what runs is most often among the last few.
    static let fewReleases = 30

    /// - Throws: `NoAnswer`, `CancellationError`.
    func look() async throws -> Sighting.Answer {
        do {
            async let formation = api.formation(app)
            async let dynos = api.dynos(app)
            guard let found = try await trail() else { return .nothing }
            return .running(found.running(trouble: crash(try await formation, try await dynos)))
        } catch let error as HerokuError {
            try Task.checkCancellation()
            throw NoAnswer(error.sentence)
        }
    }

    /// - Returns: nil where nothing was ever released.
    private func trail() async throws -> ReleaseTrail.Found? {
        for count in [Self.fewReleases, HerokuAPI.manyReleases] {
            let releases = try await api.releases(app, latest: count)
            let trail = ReleaseTrail(releases: releases, isWhole: releases.count < count, processes: processes)
            switch trail.follow() {
            case .nothing: return nil
            case .image(let found): return found
            case .furtherBack: continue
            }
        }
        throw NoAnswer("the image that \(app) runs is of none of its last \(HerokuAPI.manyReleases) releases")
    }

    /// A process type all of whose dynos have crashed, in words. One of several is Heroku's to start again.
    private func crash(_ formation: [FormationResource], _ dynos: [DynoResource]) -> String? {
        for part in formation where part.type != "release" && part.quantity > 0 {
            let own = dynos.filter { $0.belongs(to: [part]) }
            guard let first = own.first, own.allSatisfy({ $0.state == "crashed" }) else { continue }
            return own.count == 1 ? "the dyno \(first.name) crashed" : "all dynos of \(part.type) crashed"
        }
        return nil
    }
}

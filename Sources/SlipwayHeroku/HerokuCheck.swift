import SlipwayCore
import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet

/// What `slipway check` asks of Heroku. Reads only.
struct HerokuCheck: Sendable {
    let settings: HerokuSettings
    let userAgent: String
    private let limits: HerokuLimits

    init(_ settings: HerokuSettings, userAgent: String, limits: HerokuLimits = HerokuLimits()) {
        self.settings = settings
        self.userAgent = userAgent
        var limits = limits
        // Who waits at a terminal sees a trouble at once, and asks again by hand.
        limits.tries = 1
        self.limits = limits
    }

    /// The account, then every app, all asked at once; only the account when its key is not accepted.
    func findings(_ targets: [Target]) async -> [Finding] {
        let api: HerokuAPI
        do {
            api = HerokuAPI(
                settings, userAgent: userAgent, client: HTTPClient(tls: try .current(ca: settings.ca)),
                clock: ContinuousClock(), limits: limits)
        } catch {
            // The file of extra roots, which has a line of its own.
            return [.error("heroku: not asked, because heroku.ca cannot be used")]
        }
        async let account = account(api)
        let found = await withTaskGroup(of: (String, Finding).self) { group in
            for target in targets { group.addTask { (target.place.name, await app(target, api)) } }
            return await group.reduce(into: [String: Finding]()) { $0[$1.0] = $1.1 }
        }
        guard await account.level == .ok else { return [await account.about("heroku")] }
        return await ([account] + targets.compactMap { found[$0.place.name] }).map { $0.about("heroku") }
    }

    /// Whether the API key opens an account that may deploy.
    private func account(_ api: HerokuAPI) async -> Finding {
        await finding {
            let account = try await api.account()
            if account.suspendedAt != nil {
                return .error("the Heroku account \(account.email) is suspended; see its mail")
            }
            if account.delinquentAt != nil {
                return .error("the Heroku account \(account.email) has to be paid first")
            }
            return .ok("Heroku accepts the API key of \(account.email)")
        }
    }

    /// Whether an app is there and takes images. A deploy changes another stack, yet what the next push would change
    /// without being asked is worth a warning.
    private func app(_ target: Target, _ api: HerokuAPI) async -> Finding {
        let name = target.place.name
        return await finding {
            let app = try await api.app(name)
            guard app.isCedar else {
                return .error(
                    "the Heroku app \(name) is of the generation \(app.generation?.name ?? "?"), which takes no "
                        + "images from the container registry; use an app of the generation cedar")
            }
            guard app.takesContainers else {
                return .warning(
                    "the Heroku app \(name) is on the stack \(app.stack?.name ?? "?"); the first deploy changes "
                        + "it, or do it now: `heroku stack:set container -a \(name)`")
            }
            let formation = Formation(types: try await api.formation(name), target: target)
            guard formation.dropped.isEmpty else {
                return .warning(
                    "the Heroku app \(name) runs \(formation.dropped.joined(separator: " and ")), which its target's "
                        + "processes do not name; the next deploy scales that to 0")
            }
            guard !formation.hasLeftReleaseImage else {
                return .warning(
                    "the Heroku app \(name) has an image of the type release, but its target has no migration in the "
                        + "release phase; the next deploy removes that image")
            }
            return .ok("the Heroku app \(name) is on the stack container")
        }
    }

    private func finding(_ look: () async throws -> Finding) async -> Finding {
        do {
            return try await look()
        } catch let error as HerokuError {
            return .error(error.sentence)
        } catch {
            return .error("Heroku could not be asked: \(error)")
        }
    }
}

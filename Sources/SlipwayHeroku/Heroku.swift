package import Logging
package import SlipwayCore
package import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet

/// Heroku, as the platform of targets that name one of its apps.
package struct Heroku: PlatformKind {
    private let userAgent: String

    /// - Parameter userAgent: Heroku wants to know which program asks: `slipway/1.2`.
    package init(userAgent: String) {
        self.userAgent = userAgent
    }

    package var name: String { HerokuSettings.platform }

    /// A release phase is a part of the release; a one-off needs the new release's code.
    package func stepsToGoLive(at target: Target) -> [LiveStep] {
        guard let migration = target.migrate else { return [.release] }
        return switch migration.run {
        case .releasePhase: [.migrate(migration), .release]
        case .oneOff: [.release, .migrate(migration)]
        }
    }

    package func platform(
        for target: Target, _ configuration: Configuration, _ tools: JobTools
    ) throws -> any Platform {
        guard let settings = configuration.settings(of: HerokuSettings.self) else {
            throw StepFailure("the configuration says nothing of Heroku any more; set heroku.api_key")
        }
        do {
            return try HerokuPlatform(settings, target, tools, userAgent: userAgent)
        } catch {
            throw StepFailure("the client for Heroku cannot be made: \(error)")
        }
    }

    package func whatRuns(
        at target: Target, _ configuration: Configuration, insists: Bool, _ logger: Logger
    ) async throws -> Sighting.Answer {
        guard let settings = configuration.settings(of: HerokuSettings.self) else {
            throw NoAnswer("the configuration says nothing of Heroku any more; set heroku.api_key")
        }
        let client: HTTPClient
        do {
            client = HTTPClient(tls: try .current(ca: settings.ca))
        } catch {
            throw NoAnswer("Heroku cannot be spoken to: \(error)")
        }
        let api = HerokuAPI(
            settings, userAgent: userAgent, client: client, clock: ContinuousClock(),
            limits: insists ? HerokuLimits() : .forOneTry, logger: logger)
        return try await HerokuSight(api: api, app: target.place.name, processes: target.processes).look()
    }

    package func questions(_ configuration: Configuration) -> [PlatformQuestion] {
        guard let settings = configuration.settings(of: HerokuSettings.self) else { return [] }
        let targets = configuration.apps.flatMap(\.targets).filter { $0.place.platform == name }
        let check = HerokuCheck(settings, userAgent: userAgent)
        return [PlatformQuestion("heroku") { await check.findings(targets) }]
    }
}

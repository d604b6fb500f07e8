package import SlipwayCore
package import SlipwayDeploy

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

    package func questions(_ configuration: Configuration) -> [PlatformQuestion] {
        guard let settings = configuration.settings(of: HerokuSettings.self) else { return [] }
        let targets = configuration.apps.flatMap(\.targets).filter { $0.place.platform == name }
        let check = HerokuCheck(settings, userAgent: userAgent)
        return [PlatformQuestion("heroku") { await check.findings(targets) }]
    }
}

import SlipwayCore
import SlipwayDeploy

/// Heroku's account and apps.
enum HerokuFindings {
    static func of(_ configuration: Configuration) async -> [Finding] {
        let apps = configuration.apps.flatMap(\.targets).map(\.herokuApp)
        do {
            let check = try HerokuCheck(settings: configuration.heroku, userAgent: "slipway/\(Slipway.version)")
            return await check.findings(apps: apps).map { Finding(holds: $0.holds, text: "heroku: " + $0.text) }
        } catch {
            // The file of extra roots, which has a line of its own.
            return [.fail("heroku: not asked, since heroku.ca cannot be used")]
        }
    }
}

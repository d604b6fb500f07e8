import SlipwayCore
import SlipwayDeploy

/// Heroku's account and apps.
enum HerokuFindings {
    static func questions(_ configuration: Configuration) -> [Question] {
        let apps = configuration.apps.flatMap(\.targets).map(\.herokuApp)
        return [
            Question("heroku") {
                do {
                    let check = try HerokuCheck(settings: configuration.heroku, userAgent: "slipway/\(Slipway.version)")
                    return await check.findings(apps: apps).map { $0.about("heroku") }
                } catch {
                    // The file of extra roots, which has a line of its own.
                    return [.error("heroku: not asked, because heroku.ca cannot be used")]
                }
            }
        ]
    }
}

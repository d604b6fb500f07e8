import SlipwayBase
import SlipwayCore
import SlipwayDeploy
import SlipwayHeroku
import SlipwayNet

struct HerokuWiring: PlatformWiring {
    let kind: any PlatformKind = Heroku(userAgent: "slipway/\(Slipway.version)")
    let placeWords = "Heroku app"

    func settings(_ section: Section) -> any PlatformSettings {
        var settings = HerokuSettings(apiKey: section.required("api_key")?.secret() ?? Secret(""))
        settings.apiURL = section["api_url"]?.webURL(needsTLS: true) ?? settings.apiURL
        settings.registry = section["registry"]?.registry(such: HerokuSettings.defaultRegistry) ?? settings.registry
        settings.ca = section["ca"].flatMap { $0.isEmptyText ? nil : $0.machinePath() }
        return settings
    }

    /// Heroku's own rule for app names (Platform API schema, app.name).
    func place(_ value: Value) -> String? {
        value.text("the name of a Heroku app: 3 to 30 small letters, digits and -") {
            $0.wholeMatch(of: /[a-z][a-z0-9-]{1,28}[a-z0-9]/) != nil
        }
    }

    func questions(_ configuration: Configuration) -> [Question] {
        let roots = configuration.settings(of: HerokuSettings.self)?.ca.map { file in
            Question("heroku.ca") { [Self.finding(file)] }
        }
        return [roots].compactMap(\.self)
            + kind.questions(configuration).map { Question($0.subject, $0.ask) }
    }

    private static func finding(_ roots: String) -> Finding {
        if let reason = SecretFile.reasonNotToRead(roots) {
            return .error("heroku.ca: \(roots) cannot be read: \(reason)")
        }
        do {
            _ = try TLSClientContext(ca: roots)
            return .ok("heroku.ca: \(roots)")
        } catch {
            return .error("heroku.ca: \(error)")
        }
    }
}

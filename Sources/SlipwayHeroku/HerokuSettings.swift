package import SlipwayBase
package import SlipwayCore

/// The section `heroku` of the configuration.
package struct HerokuSettings: PlatformSettings {
    package static let platform = "heroku"
    package static let defaultRegistry = "registry.heroku.com"

    package var apiKey: Secret
    package var apiURL = "https://api.heroku.com"
    /// Host, or host:port.
    package var registry = HerokuSettings.defaultRegistry
    /// A PEM file with extra roots.
    package var ca: String?

    package init(apiKey: Secret) {
        self.apiKey = apiKey
    }

    package var secrets: [Secret] { [apiKey] }

    package var registries: [PlatformRegistry] {
        Set([Self.defaultRegistry, registry]).sorted().map {
            PlatformRegistry(host: $0, owner: "Heroku", key: "heroku.api_key")
        }
    }
}

extension Place {
    /// A Heroku app.
    package static func heroku(_ app: String) -> Place { Place(platform: HerokuSettings.platform, name: app) }
}

package import SlipwayBase

/// The configuration file as values, after every check that needs nothing but the file.
///
/// Field by field what examples/slipway.yml lists; defaults are the initialisers'.
package struct Configuration: Sendable {
    package var server: ServerSettings
    /// By name; each platform knows its own.
    package var platforms: [String: any PlatformSettings] = [:]
    package var github: GitHubSettings
    /// What builds and tests log in with.
    package var registries: [RegistryLogin] = []
    package var build = BuildSettings()
    /// In the order of the file.
    package var apps: [App]
    /// What logs must not show: the values of the file's secrets, what `${…}` gave to a test's environment, and the logins
    /// in clone URLs.
    package var secrets: [Secret]
    /// What the file says that works today and should be changed, a line each with its place: `slipway.yml:12: …`.
    package var warnings: [String] = []

    package init(
        server: ServerSettings, platforms: [any PlatformSettings] = [], github: GitHubSettings = GitHubSettings(),
        apps: [App], secrets: [Secret]
    ) {
        self.server = server
        for settings in platforms { self.platforms[type(of: settings).platform] = settings }
        self.github = github
        self.apps = apps
        self.secrets = secrets
    }

    package func app(named name: String) -> App? { apps.first { $0.name == name } }

    /// Those of one platform; nil when the file says nothing of it.
    package func settings<Settings: PlatformSettings>(of: Settings.Type) -> Settings? {
        platforms[Settings.platform] as? Settings
    }

    /// What pages call a place.
    package func title(of place: Place) -> String { platforms[place.platform]?.title(of: place.name) ?? place.name }
}

package struct ServerSettings: Sendable {
    package var host: String
    package var port: Int
    /// Without a trailing slash; nil when the file names none.
    package var publicURL: String?
    /// PEM files; empty: plain HTTP.
    package var certificates: [CertificateFiles] = []
    /// An absolute path.
    package var data: String
    package var jobs = 2
    package var drain: Duration = .seconds(30)
    package var webhookSecrets: [Secret] = []
    package var tokens: [AccessToken] = []
    package var publicStatus = false
    /// Addresses or CIDR ranges.
    package var trustedProxies: [String] = []
    /// Limits of the HTTP server by name, as given; `HTTPLimits` knows the names.
    package var limits: [String: Int] = [:]
    package var retention = Retention()
    package var checkout = Checkout()

    package init(host: String, port: Int, data: String) {
        self.host = host
        self.port = port
        self.data = data
    }

    package struct CertificateFiles: Sendable {
        package var certificate: String
        package var key: String

        package init(certificate: String, key: String) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// What one commit's tree may take, known before it is unpacked: a few git objects can stand for any amount.
    package struct Checkout: Sendable {
        /// Of all files, each as often as it stands in the tree.
        package var bytes: Int64 = 1_000_000_000
        /// With folders, links and submodules.
        package var files = 100_000

        package init() {}
    }

    package struct Retention: Sendable {
        package var jobs = 1000
        package var logs: Duration = .seconds(90 * 86_400)
        package var deliveries: Duration = .seconds(30 * 86_400)
        package var diskReserveBytes: Int64 = 2_147_483_648

        package init() {}
    }
}

/// A bearer token for curl and the dashboard's login.
package struct AccessToken: Sendable {
    package enum Permission: String, Sendable, CaseIterable {
        case read, deploy
    }

    package var name: String
    package var value: Secret
    package var permissions: Set<Permission>

    package init(name: String, value: Secret, permissions: Set<Permission>) {
        self.name = name
        self.value = value
        self.permissions = permissions
    }
}

package struct GitHubSettings: Sendable {
    package var token: Secret?
    package var apiURL = "https://api.github.com"

    package init(token: Secret? = nil) {
        self.token = token
    }
}

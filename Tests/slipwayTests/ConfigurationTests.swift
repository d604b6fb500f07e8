import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayHeroku
import TestSupport
import Testing

@testable import slipway

/// What is read from a file that is right.
struct ConfigurationTests: ReadsConfigurations {
    private let variables = [
        "SLIPWAY_WEBHOOK_SECRET": "It's a Secret to Everybody", "SLIPWAY_TOKEN": "token-of-the-operators",
        "HEROKU_API_KEY": "heroku-key", "GITHUB_TOKEN": "github-token", "DOCKERHUB_TOKEN": "hub-token",
        "HEX_KEY": "hex-key-hex-key",
    ]

    @Test func `a checkout's bounds are read, and refused where they bound nothing`() throws {
        let server = try parse(file(server: "checkout: {bytes: 5000000000, files: 7}")).server
        #expect(server.checkout.bytes == 5_000_000_000)
        #expect(server.checkout.files == 7)
        let found = problems(file(server: "checkout: {bytes: 0, file: 1}"))
        #expect(found.count == 2, "\(found)")
        #expect(found.contains { $0.contains("server.checkout.bytes") })
        #expect(found.contains { $0.contains("server.checkout.file: unknown key; did you mean `files`?") })
    }

    @Test func `the documented sample is read whole`() throws {
        let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("examples/slipway.yml")
        let configuration = try ConfigurationFile.read(at: sample.path, environment: Environment(variables))

        let server = configuration.server
        #expect(server.host == "127.0.0.1" && server.port == 8080)
        #expect(server.publicURL == "https://deploy.example.com")
        #expect(server.certificates.map(\.key) == ["/etc/slipway/tls.key"])
        #expect(server.data == "/var/lib/slipway")
        #expect(server.jobs == 2 && server.drain == .seconds(30))
        #expect(server.webhookSecrets.map(\.revealed) == ["It's a Secret to Everybody"])
        #expect(server.tokens.map(\.name) == ["ops"])
        #expect(server.tokens.first?.value.revealed == "token-of-the-operators")
        #expect(server.tokens.first?.permissions == [.read, .deploy])
        #expect(!server.publicStatus && server.trustedProxies == ["127.0.0.1"])

        let heroku = try #require(configuration.settings(of: HerokuSettings.self))
        #expect(heroku.apiKey.revealed == "heroku-key")
        #expect(heroku.apiURL == "https://api.heroku.com")
        #expect(heroku.registry == "registry.heroku.com")
        #expect(heroku.ca == nil)
        #expect(configuration.github.token?.revealed == "github-token")

        let app = try #require(configuration.app(named: "my_app"))
        #expect(app.repository == "owner/my_app")
        #expect(app.cloneURL == "https://github.com/owner/my_app.git")
        #expect(app.test?.image == "elixir:1.9.4")
        #expect(app.test?.run == "mix deps.get\nmix test --cover\n")
        #expect(app.test?.environment.map(\.name) == ["MIX_ENV", "DATABASE_HOSTNAME"])
        #expect(app.test?.timeout == .seconds(1200))
        #expect(app.build.arguments.map(\.value) == ["prod"])
        #expect(app.build.stage == nil)

        #expect(app.targets.map(\.name) == ["homolog", "production"])
        let homolog = try #require(app.target(named: "homolog"))
        #expect(homolog.place == .heroku("my-app-homolog"))
        #expect(homolog.when.branches.map(\.description) == ["master"])
        #expect(homolog.processes == ["web"])
        #expect(homolog.migrate?.command == "/app/bin/migrate")
        #expect(homolog.migrate?.run == .releasePhase && homolog.migrate?.repeatable == true)
        #expect(homolog.migrate?.timeout == .seconds(3600))
        #expect(homolog.health.within == .seconds(120))
        let production = try #require(app.target(named: "production"))
        #expect(production.when.release == "published")
        #expect(production.promote == "homolog")

        let secrets = Set(configuration.secrets.map(\.revealed))
        #expect(secrets == Set(variables.values))
    }

    @Test func `the sample's limits are the server's defaults`() throws {
        let sample = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("examples/slipway.yml")
        let configuration = try ConfigurationFile.read(at: sample.path, environment: Environment(variables))
        #expect(Set(configuration.server.limits.keys) == Set(HTTPLimits.names))
        #expect(try HTTPLimits.named(configuration.server.limits) == HTTPLimits())
    }

    @Test func `a small file has the documented defaults`() throws {
        let configuration = try parse(file())
        #expect(configuration.server.data == "/etc/slipway/data")
        let silent = try parse(file().replacing("  listen: 127.0.0.1:0\n", with: "")).server
        #expect(silent.host == "127.0.0.1" && silent.port == 8080)
        #expect(configuration.server.jobs == 2)
        let app = try #require(configuration.apps.first)
        #expect(app.cloneURL == "https://github.com/octo/hello.git")
        #expect(app.build.dockerfile == "Dockerfile" && app.build.context == ".")
        #expect(app.targets.first?.migrate == nil)
        #expect(app.targets.first?.health.path == "/")
    }

    @Test func `one slot is enough for tests, too`() throws {
        let configuration = try parse(file(server: "jobs: 1", app: "test: {image: a, run: b}"))
        #expect(configuration.server.jobs == 1 && configuration.apps[0].test != nil)
    }

    @Test func `one-off migrations have a type and a size`() throws {
        let target = try parse(
            file(target: "migrate: {command: m, run: one-off, type: worker, size: standard-1x, repeatable: true}")
        ).apps[0].targets[0]
        #expect(target.migrate?.run == .oneOff(type: "worker", size: "standard-1x"))
        #expect(target.migrate?.repeatable == true)
    }

    @Test func `a file that is not there says so`() throws {
        #expect {
            try ConfigurationFile.read(at: "nowhere.yml", environment: Environment([:]))
        } throws: {
            "\($0)" == "nowhere.yml: the configuration cannot be read: no such file or directory"
        }
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayHeroku
import TestSupport
import Testing

@testable import slipway

@Suite struct ConfigurationTests {
    private let variables = [
        "SLIPWAY_WEBHOOK_SECRET": "It's a Secret to Everybody", "SLIPWAY_TOKEN": "token-of-the-operators",
        "HEROKU_API_KEY": "heroku-key", "GITHUB_TOKEN": "github-token", "DOCKERHUB_TOKEN": "hub-token",
        "HEX_KEY": "hex-key-hex-key",
    ]

    private func parse(_ text: String, _ variables: [String: String] = ["SECRET": "secret-secret-secret"]) throws
        -> Configuration
    {
        try ConfigurationFile.parse(
            text, file: "slipway.yml", folder: "/etc/slipway", environment: Environment(variables))
    }

    /// A file that is right but for what is put into it.
    private func file(server: String = "", heroku: String = "", app: String = "", target: String = "") -> String {
        """
        server:
          listen: 127.0.0.1:0
          data: data
          webhook_secrets: ["${SECRET}"]
          \(server)
        heroku:
          api_key: ${SECRET}
          \(heroku)
        apps:
          hello:
            repository: octo/hello
            \(app)
            targets:
              production:
                heroku: octo-hello
                \(target)
        """
    }

    private func problems(
        _ text: String, _ variables: [String: String] = ["SECRET": "secret-secret-secret"]
    ) -> [String] {
        do {
            _ = try parse(text, variables)
            return []
        } catch let error as ConfigurationError {
            return error.lines.map { $0.replacing("slipway.yml:", with: "") }
        } catch {
            return ["\(error)"]
        }
    }

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

    @Test func `three wrong things are reported at once, each with its line`() {
        let text = file(server: "job: 3", app: "build: {timeout: soon}", target: "when: {push: master}")
        #expect(
            problems(text) == [
                "5: server.job: unknown key; did you mean `jobs`?",
                "12: apps.hello.build.timeout: must be a duration such as 30s, 20m, 12h or 90d, not `soon`",
                "16: apps.hello.targets.production.when.push: must be a list of patterns, as in [main]",
            ])
    }

    /// What is put into one place of a right file, and the one report it gives.
    @Test(arguments: [
        ("jobs: 0", "5: server.jobs: must be a whole number from 1 to 64, not `0`"),
        ("jobs: two", "5: server.jobs: must be a whole number from 1 to 64, not `two`"),
        ("jobs: [2]", "5: server.jobs: must be a single value, not a list"),
        ("jobs:", "5: server.jobs: has no value"),
        ("jobs: ${SECRET}", "5: server.jobs: must be a whole number from 1 to 64, not what its variables hold"),
        ("drain: 30", "5: server.drain: must be a duration such as 30s, 20m, 12h or 90d, not `30`"),
        ("public_status: yes", "5: server.public_status: must be true or false, not `yes`"),
        ("public_url: ftp://x", "5: server.public_url: must be a URL such as https://example.com"),
        (
            "public_url: https://x/y",
            "5: server.public_url: must be a scheme and a host, with nothing behind the host and its port"
        ),
        (
            "public_url: https://${NOWHERE}",
            "5: server.public_url: the environment sets neither NOWHERE nor NOWHERE_FILE"
        ),
        ("public_url: ${", "5: server.public_url: `${` is never closed; a literal `$` is written `$$`"),
        ("public_url: ${a b}", "5: server.public_url: `${a b}` names no variable; a literal `$` is written `$$`"),
        ("tls: {certificate: a}", "5: server.tls: key is missing"),
        ("tls: [{key: a}]", "5: server.tls[0]: certificate is missing"),
        (
            "trusted_proxies: [10.0.0.0/33]",
            "5: server.trusted_proxies[0]: must be an IP address or a range such as 10.0.0.0/8, not `10.0.0.0/33`"
        ),
        ("limits: {header_byte: 1}", "5: server.limits.header_byte: unknown key; did you mean `header_bytes`?"),
        (
            "limits: {header_bytes: 0}",
            "5: server.limits.header_bytes: must be a whole number from 1 to 2147483647, not `0`"
        ),
        ("retention: {jobs: 0}", "5: server.retention.jobs: must be a whole number from 1 to 1000000, not `0`"),
        ("retention: {deliveries: 6d}", "5: server.retention.deliveries: must be at least 604800s"),
        (
            "retention: {logs: forever}",
            "5: server.retention.logs: must be a duration such as 30s, 20m, 12h or 90d, not `forever`"
        ),
        ("tokens: [{name: ops, value: \"\", may: [read]}]", "5: server.tokens[0].value: the secret is empty"),
        (
            "tokens: [{name: ops, value: token-of-the-operators, may: [write]}]",
            "5: server.tokens[0].may[0]: must be read or deploy, not `write`"
        ),
        (
            "tokens: [{name: ops, value: token-of-the-operators, may: []}]",
            "5: server.tokens[0].may: must name at least one of read and deploy"
        ),
        (
            "tokens: [{name: ops, value: token-of-the-operators, may: [read]}, {name: ops, value: token-of-the-others, may: [read]}]",
            "5: server.tokens[1]: a token named `ops` stands above"
        ),
        ("data: other", "3: `data` stands twice in this mapping"),
        ("? [a]\n  : b", "5: server: keys are single words"),
    ])
    func `a wrong server section says what and where`(wrong: String, report: String) {
        #expect(problems(file(server: wrong)) == [report])
    }

    @Test(arguments: [
        ("8080", "`8080`"), ("127.0.0.1:99999", "`127.0.0.1:99999`"), ("127.0.0.1:+1", "`127.0.0.1:+1`"),
        ("[::1]", "`[::1]`"), ("[1.2.3.4]:1", "not an IPv6"), ("example.com:80", "not an IP address"),
        ("\":8080\"", "every interface is 0.0.0.0 or [::]"),
    ])
    func `listen takes an address and a port only`(listen: String, report: String) throws {
        let reports = problems(file().replacing("127.0.0.1:0", with: listen.hasPrefix("\"") ? listen : "\"\(listen)\""))
        #expect(reports.count == 1)
        #expect(reports.first?.hasPrefix("2: server.listen: must be an address and a port") == true)
        #expect(reports.first?.contains(report) == true)
    }

    @Test func `listen takes IPv6 in brackets and localhost`() throws {
        let version6 = try parse(file().replacing("127.0.0.1:0", with: "\"[::]:8443\"")).server
        #expect(version6.host == "::" && version6.port == 8443)
        #expect(try parse(file().replacing("127.0.0.1:0", with: "localhost:80")).server.host == "127.0.0.1")
    }

    @Test(arguments: [
        (
            "api_url: http://api.example.com",
            "8: heroku.api_url: must be https; plain http is for loopback addresses only"
        ),
        (
            "registry: https://registry.heroku.com",
            "8: heroku.registry: must be a host or host:port without a scheme or a path, such as registry.heroku.com, "
                + "not `https://registry.heroku.com`"
        ),
        ("api-url: https://x", "8: heroku.api-url: unknown key; did you mean `api_url`?"),
        ("colour: red", "8: heroku.colour: unknown key; known here: api_key, api_url, registry, ca"),
    ])
    func `a wrong Heroku section says what and where`(wrong: String, report: String) {
        #expect(problems(file(heroku: wrong)) == [report])
    }

    @Test func `plain http is taken from loopback hosts`() throws {
        for host in ["127.0.0.1:5000", "localhost:5000", "[::1]:5000", "127.8.9.1"] {
            let settings = try parse(file(heroku: "api_url: http://\(host)/")).settings(of: HerokuSettings.self)
            #expect(settings?.apiURL == "http://\(host)")
        }
    }

    @Test(arguments: [
        (
            "clone_url: /srv/git/hello",
            "12: apps.hello.clone_url: must begin with https://, ssh:// or file:///, or be git@host:path; "
                + "a folder of this machine is file:///srv/git/hello"
        ),
        (
            "clone_url: \"--upload-pack=touch\"",
            "12: apps.hello.clone_url: holds a space or a control character, or begins with `-`"
        ),
        ("clone_url: ssh://-oProxyCommand=x/y", "12: apps.hello.clone_url: is not a URL that git can clone from"),
        ("test: {image: a, run: b, services: {}}", "12: apps.hello.test.services: not supported by this version yet"),
        ("test: {image: a, run: b, caches: []}", "12: apps.hello.test.caches: not supported by this version yet"),
        (
            "test: {image: a, run: b, artifacts: []}",
            "12: apps.hello.test.artifacts: not supported by this version yet"
        ),
        ("test: {image: a}", "12: apps.hello.test: run is missing"),
        (
            "test: {image: \"-v\", run: b}",
            "12: apps.hello.test.image: must be the name of a Docker image such as elixir:1.9.4, not `-v`"
        ),
        (
            "build: {context: ../x}",
            "12: apps.hello.build.context: must be a relative path beneath the work tree, not `../x`"
        ),
        (
            "build: {dockerfile: /etc/passwd}",
            "12: apps.hello.build.dockerfile: must be a relative path beneath the work tree, not `/etc/passwd`"
        ),
        (
            "build: {args: {TOKEN: \"${SECRET}\"}}",
            "12: apps.hello.build.args.TOKEN: build args stay readable in the image's history; `${…}` does not "
                + "belong here"
        ),
        ("build: {args: {1A: x}}", "12: apps.hello.build.args.1A: names of variables are letters, digits and _"),
        ("target: {}", "12: apps.hello.target: unknown key; did you mean `targets`?"),
    ])
    func `a wrong app says what and where`(wrong: String, report: String) {
        #expect(problems(file(app: wrong)) == [report])
    }

    @Test(arguments: [
        (
            "when: {release: created}",
            "when.release: must be published or released, not `created`"
        ),
        ("when: {branch: [main]}", "when.branch: unknown key; known here: push, tag, release, prereleases"),
        ("processes: []", "processes: must name at least one process type"),
        (
            "processes: [web, release]",
            "processes: `release` is the migration's own process type; configure migrate instead"
        ),
        ("migrate: {run: release-phase}", "migrate: command is missing"),
        (
            "migrate: {command: x, run: oneoff}",
            "migrate.run: must be release-phase or one-off or off, not `oneoff`; did you mean `one-off`?"
        ),
        (
            "migrate: {command: x, type: worker}",
            "migrate.type: belongs to run: one-off; a release phase has none of its own"
        ),
        (
            "health: {path: //evil.example}",
            "health.path: must be a path that begins with one /, not `//evil.example`"
        ),
        ("health: {path: status}", "health.path: must be a path that begins with one /, not `status`"),
        ("health: {status: 20}", "health.status: must be a whole number from 100 to 599, not `20`"),
    ])
    func `a wrong target says what and where`(wrong: String, report: String) {
        #expect(problems(file(target: wrong)) == ["16: apps.hello.targets.production." + report])
    }

    @Test func `promoting nobody, oneself or in a circle is refused`() {
        func promoting(_ source: String, _ more: String = "") -> [String] {
            problems(
                file(target: "promote: \(source)") + "\n      staging:\n        heroku: octo-staging\n        \(more)")
        }
        #expect(promoting("staging") == [])
        #expect(
            promoting("stagin") == [
                "14: apps.hello.targets.production: promotes `stagin`, which is not a target of this app; "
                    + "did you mean `staging`?"
            ])
        #expect(
            promoting("production") == [
                "14: apps.hello.targets.production: promotes in a circle: production from production"
            ])
        #expect(
            promoting("staging", "promote: production") == [
                "14: apps.hello.targets.production: promotes in a circle: production from staging from production",
                "17: apps.hello.targets.staging: promotes in a circle: staging from production from staging",
            ])
    }

    @Test func `two targets with one Heroku app are an error`() {
        let text = file() + "\n      staging:\n        heroku: octo-hello"
        #expect(
            problems(text) == [
                "17: apps.hello.targets.staging: the Heroku app `octo-hello` belongs to "
                    + "apps.hello.targets.production already"
            ])
    }

    @Test func `one slot is enough for tests, too`() throws {
        let configuration = try parse(file(server: "jobs: 1", app: "test: {image: a, run: b}"))
        #expect(configuration.server.jobs == 1 && configuration.apps[0].test != nil)
    }

    @Test func `an app without any webhook secret is an error`() {
        let text = file().replacing("  webhook_secrets: [\"${SECRET}\"]", with: "  webhook_secrets: []")
        #expect(
            problems(text) == [
                "10: apps.hello: has no webhook secret: set server.webhook_secrets or its own webhook_secrets"
            ])
    }

    @Test func `missing sections and wrong shapes are told apart`() {
        #expect(problems("") == [" the file is empty"])
        #expect(problems("- a") == ["1: must be a mapping with server, heroku and apps"])
        #expect(problems("a: 1").count == 4)
        #expect(
            problems("server: {}\nheroku: {}\napps: {}") == [
                "1: server: data is missing", "2: heroku: api_key is missing",
                "3: apps: names no app",
            ])
    }

    @Test func `of syntax errors the first is reported, without the text around it`() {
        let reports = problems("server:\n  data: \"secret-secret\n")
        #expect(reports.count == 1)
        #expect(reports.first?.hasPrefix("3: is not YAML: ") == true)
        #expect(reports.first?.contains("secret") == false)
        #expect(problems("server:\n\tdata: x\n").first?.hasSuffix("; indent by spaces, not by a tab") == true)
        let twice = problems(file() + "\nserver: {}")
        #expect(twice == ["1: `server` stands twice in this mapping"])
    }

    @Test func `a scalar is what its key says, not what YAML takes it for`() throws {
        let app = try parse(
            file(
                app: "test: {image: 1.10, run: off, env: {A: 1.10, B: yes, C: 0x1F, D: ~, E: 2026-01-01}}",
                target: "migrate: {run: off}")
        ).apps[0]
        #expect(app.test?.image == "1.10" && app.test?.run == "off")
        #expect(app.test?.environment.map(\.value) == ["1.10", "yes", "0x1F", "~", "2026-01-01"])
        #expect(app.targets[0].migrate == nil)
    }

    @Test func `hidden is what secrets' keys hold, and no name or place because a variable gives it`() throws {
        let configuration = try parse(
            file(
                app: "clone_url: 'https://${TOKEN}@${HOST}/a.git'\n    test: {image: a, run: b, env: {A: 'x-${EVIL}'}}"
            )
            .replacing("octo-hello", with: "\"${APP}\""),
            [
                "SECRET": "secret-secret-secret", "TOKEN": "a-token-to-clone", "HOST": "git.example.com",
                "APP": "my-app-given",
                "EVIL": "secret-of-a-test",
            ])
        let secrets = Set(configuration.secrets.map(\.revealed))
        #expect(secrets == ["secret-secret-secret", "a-token-to-clone", "secret-of-a-test"])
    }

    @Test func `a secret too short to be taken out of a log is warned about`() throws {
        let text =
            file(app: "test: {image: a, run: b, env: {A: '${SHORT}', B: '${EMPTY}', C: plain}}")
            + "\ngithub: {token: 'sevenb7'}\n"
        let configuration = try parse(text, ["SECRET": "secret-secret-secret", "SHORT": "1234567", "EMPTY": ""])
        let warnings = configuration.warnings.filter { $0.contains("less than 8 bytes") }
        #expect(warnings.count == 2)
        #expect(warnings.contains { $0.contains("apps.hello.test.env.A: ") })
        #expect(warnings.contains { $0.contains("github.token: ") })
        #expect(warnings.allSatisfy { !$0.contains("1234567") && !$0.contains("sevenb7") })
    }

    @Test func `variables are expanded in scalars, never as YAML, and never in a shell's text`() throws {
        let configuration = try parse(
            file(
                app: "test: {image: a, run: 'echo ${HOME} $$', env: {A: '${EVIL}', B: 'x$$y$z', C: '${EMPTY}'}}",
                target: "migrate: {command: 'run ${PORT}', run: one-off}"),
            ["SECRET": "secret-secret-secret", "EVIL": "a\njobs: [1]: {", "EMPTY": ""])
        let test = try #require(configuration.apps[0].test)
        #expect(test.run == "echo ${HOME} $$")
        #expect(test.environment.map(\.value) == ["a\njobs: [1]: {", "x$y$z", ""])
        #expect(configuration.apps[0].targets[0].migrate?.command == "run ${PORT}")
        #expect(configuration.apps[0].targets[0].migrate?.repeatable == false)
        #expect(configuration.secrets.map(\.revealed) == ["secret-secret-secret", "a\njobs: [1]: {"])
    }

    @Test func `a variable may come from a file, without its last newline`() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let secret = try folder.write("two lines\nof a secret\n", to: "secret")
        let configuration = try parse(file(), ["SECRET_FILE": secret])
        #expect(
            configuration.settings(of: HerokuSettings.self)?.apiKey.revealed == "two lines\nof a secret")

        let missing = problems(file(), ["SECRET_FILE": secret + ".none"])
        #expect(missing.count == 2)
        #expect(missing.last?.hasSuffix(".none, which cannot be read: no such file or directory") == true)
    }

    @Test func `an empty secret is an error`() {
        #expect(
            problems(file(), ["SECRET": ""]) == [
                "4: server.webhook_secrets[0]: the secret is empty", "7: heroku.api_key: the secret is empty",
            ])
    }

    @Test func `anchors, aliases and merge keys work`() throws {
        let text =
            file(target: "health: &health {path: /up, within: 1m}") + """

                      staging:
                        heroku: octo-staging
                        health: {<<: *health, path: /ready}
                """
        let targets = try parse(text).apps[0].targets
        #expect(targets.map(\.health.path) == ["/up", "/ready"])
        #expect(targets.map(\.health.within) == [.seconds(60), .seconds(60)])
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

import SlipwayCore
import SlipwayHeroku
import Testing

@testable import slipway

/// What is reported of a file that is wrong, and at which line.
struct ConfigurationErrorTests: ReadsConfigurations {
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

    @Test func `an empty secret is an error`() {
        #expect(
            problems(file(), ["SECRET": ""]) == [
                "4: server.webhook_secrets[0]: the secret is empty", "7: heroku.api_key: the secret is empty",
            ])
    }
}

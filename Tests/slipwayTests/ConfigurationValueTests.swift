import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestSupport
import Testing

@testable import slipway

/// What YAML, variables and files make of a value, and which values are secrets.
struct ConfigurationValueTests: ReadsConfigurations {
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
}

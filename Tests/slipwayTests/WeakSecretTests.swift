import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import slipway

/// Secrets that nobody should rely on, and what becomes of a file that has them.
@Suite struct WeakSecretTests {
    private static let strong = "a-secret-of-more-than-16-bytes"

    /// A file whose server's hook, token and app's hook have these values, as YAML.
    private func file(hook: String, token: String, app: String) -> String {
        """
        server:
          data: data
          webhook_secrets:
          - \(hook)
          tokens:
          - name: ops
            may: [read]
            value: \(token)
        heroku:
          api_key: short-key
        apps:
          hello:
            repository: octo/hello
            webhook_secrets:
            - \(app)
            targets:
              production: {heroku: octo-hello}
        """
    }

    private func parse(
        _ text: String, _ variables: [String: String] = [:], _ weak: WeakSecrets = .refused, folder: String = "/nowhere"
    ) throws -> Configuration {
        try ConfigurationFile.parse(
            text, file: "slipway.yml", folder: folder, environment: Environment(variables), weakSecrets: weak)
    }

    private func problems(
        _ value: String, _ variables: [String: String] = [:]
    ) -> [String] {
        do {
            _ = try parse(file(hook: value, token: value, app: value), variables)
            return []
        } catch let error as ConfigurationError {
            return error.lines
        } catch {
            return ["\(error)"]
        }
    }

    /// Values as they stand in the file; `V` is what a variable of that name holds.
    @Test(arguments: [
        ("x", "has 1 bytes"), ("fifteen-bytes-x", "has 15 bytes"), ("'${V}'", "has 7 bytes"),
        ("fünfzehn-byte", "has 14"),
        ("'a-secret-of-more-than-16-bytes '", "white space"), ("'\ta-secret-of-more-than-16-bytes'", "white space"),
        ("\"a-secret-of-more-than-16-bytes\\n\"", "white space"),
        ("\"a-secret-of-more-than-16-bytes\\u00a0\"", "white space"), ("'${V} ${V} ${V} '", "white space"),
        ("$SLIPWAY_TOKEN", "write `${SLIPWAY_TOKEN}`"),
        ("'$a_variable_of_many_letters'", "`${a_variable_of_many_letters}`"),
        ("'\"$SLIPWAY_TOKEN\"'", "write `${SLIPWAY_TOKEN}`"), ("\" $SLIPWAY_TOKEN \"", "write `${SLIPWAY_TOKEN}`"),
        ("$(cat /run/secrets/token)", "write `${NAME}`"), ("'`cat /run/secrets/token`'", "write `${NAME}`"),
    ])
    func `a weak secret is refused wherever strangers may try it, and not shown`(value: String, report: String) {
        let reports = problems(value, ["V": "hunter2"])
        #expect(reports.count == 3)
        for (found, place) in zip(
            reports,
            [
                "slipway.yml:4: server.webhook_secrets[0]: ", "slipway.yml:8: server.tokens[0].value: ",
                "slipway.yml:15: apps.hello.webhook_secrets[0]: ",
            ])
        {
            #expect(found.hasPrefix(place) && found.contains(report))
            #expect(!found.contains("hunter2") && (value == "x" || !found.contains(value)))
        }
    }

    /// As above, with what is then the secret.
    @Test(arguments: [
        ("sixteen-bytes-xx", "sixteen-bytes-xx"), ("'${LONG}'", strong), ("'${DOLLAR}'", "pa$1wor$D${HOME}$$"),
        ("'${NAMED}'", "$AS_IT_CAME_FROM_THE_VARIABLE"), ("$$AS_IT_IS_MEANT_HERE", "$AS_IT_IS_MEANT_HERE"),
        ("'$a and $b, and more'", "$a and $b, and more"), ("'in it  spaces may be'", "in it  spaces may be"),
        ("'$5.00-for-a-good-secret'", "$5.00-for-a-good-secret"),
        ("|\n      a-secret-of-more-than-16-bytes\n", strong), (">\n      a-secret-of-more-than-16-bytes\n", strong),
        ("|-\n      a-secret-of-more-than-16-bytes\n", strong), ("|\n      ${LONG}\n", strong),
    ])
    func `any other secret is taken as it is, a block without its last newline`(value: String, secret: String) throws {
        let variables = [
            "LONG": Self.strong, "DOLLAR": "pa$1wor$D${HOME}$$", "NAMED": "$AS_IT_CAME_FROM_THE_VARIABLE",
        ]
        let configuration = try parse(file(hook: value, token: value, app: value), variables)
        #expect(configuration.server.webhookSecrets.map(\.revealed) == [secret])
        #expect(configuration.server.tokens.map(\.value.revealed) == [secret])
        #expect(configuration.apps.first?.webhookSecrets.map(\.revealed) == [secret])
        #expect(configuration.warnings.isEmpty)
    }

    @Test func `a name of a variable is no secret anywhere, and other people's secrets may be short`() {
        let text = file(hook: Self.strong, token: Self.strong, app: Self.strong)
        do {
            let wrong = text.replacing("api_key: short-key", with: "api_key: $HEROKU_API_KEY")
            _ = try parse(wrong + "\ngithub: {token: $T}\n")
            Issue.record("it was taken")
        } catch {
            let lines = (error as? ConfigurationError)?.lines ?? []
            #expect(lines.count == 2)
            #expect(lines.first?.contains("heroku.api_key: is the name of a variable") == true)
            #expect(lines.last?.contains("github.token: is the name of a variable") == true)
        }
        #expect(throws: Never.self) { try parse(text) }
    }

    @Test func `of a file one newline is dropped, and no more`() throws {
        let folder = try TemporaryFolder()
        for (text, holds) in [("\n", true), ("\r\n", true), ("", true), ("\n\n", false), (" \n", false)] {
            let variables = ["V_FILE": try folder.write(Self.strong + text, to: "secret")]
            #expect(problems("'${V}'", variables).isEmpty == holds)
        }
        // A mark that nobody sees, and that an editor puts at a file's beginning.
        #expect(problems("'${V}'", ["V_FILE": try folder.write("\u{FEFF}" + Self.strong, to: "marked")]).isEmpty)
        #expect(problems("'${V}'", ["V": "\u{FEFF}" + Self.strong]).count == 3)
        #expect(problems("|+\n      a-secret-of-more-than-16-bytes\n\n").count == 3)
    }

    @Test func `where a server runs already it is warned of, for now`() throws {
        let folder = try TemporaryFolder()
        let weak = file(hook: "eleven-byte", token: Self.strong, app: "$A_LONG_NAME")
        #expect(throws: ConfigurationError.self) { try parse(weak, [:], .refusedAtFirstStart, folder: folder.path) }
        try FileManager.default.createDirectory(atPath: folder.path + "/data", withIntermediateDirectories: true)
        #expect(throws: ConfigurationError.self) { try parse(weak, [:], .refusedAtFirstStart, folder: folder.path) }
        try folder.write("", to: "data/slipway.db")
        for mode in [WeakSecrets.refusedAtFirstStart, .warnedOf] {
            let configuration = try parse(weak, [:], mode, folder: folder.path)
            #expect(configuration.server.webhookSecrets.map(\.revealed) == ["eleven-byte"])
            #expect(configuration.warnings.count == 2)
            #expect(configuration.warnings.allSatisfy { $0.hasSuffix("so will the next version") })
        }
        #expect(throws: ConfigurationError.self) { try parse(weak, [:], .refused, folder: folder.path) }
    }

    @Test func `check and a first start refuse weak secrets, a later one and a reload warn`() async throws {
        let strong = RunningServer.configuration()
        let weak = strong.replacing("\"${TOKEN}\"", with: "\"too-short\"")
        let words = "server.tokens[0].value: has 9 bytes"
        let folder = try TemporaryFolder()
        let file = try folder.write(weak, to: "slipway.yml")
        for command in ["check", "serve"] {
            let run = try await Program.run([command, "--config", file], environment: RunningServer.environment)
            #expect(run.code == 2 && run.error.contains(words))
        }

        let first = try await RunningServer(strong, in: folder)
        try folder.write(weak, to: "slipway.yml")
        first.process.send(SIGHUP)
        _ = try await first.line(containing: words)
        _ = try await first.line(containing: "configuration read again")
        #expect(try await first.get("/status", token: "too-short").status == 200)
        first.process.send(SIGTERM)
        _ = try await first.ended()

        let second = try await RunningServer(weak, in: folder)
        _ = try await second.line(containing: words)
        #expect(try await second.get("/status", token: "too-short").status == 200)
        let check = try await Program.run(["check", "--config", file], environment: RunningServer.environment)
        #expect(check.code == 2 && check.error.contains(words))
        second.process.send(SIGTERM)
        _ = try await second.ended()
    }

    /// What stands under `server:`, and whether a warning speaks of `trusted_proxies`.
    @Test(arguments: [
        ("listen: 127.0.0.1:80\n  public_url: https://deploy.example", true),
        ("public_url: http://deploy.example", true), ("listen: '[::1]:80'\n  public_url: https://deploy.example", true),
        ("listen: 0.0.0.0:80\n  public_url: https://deploy.example", true),
        ("public_url: https://deploy.example\n  trusted_proxies: []", true),
        ("public_url: https://deploy.example\n  trusted_proxies: [127.0.0.1]", false),
        ("trusted_proxies: [10.0.0.1, '::/0']", true), ("trusted_proxies: [0.0.0.0/0]", true),
        ("listen: 0.0.0.0:80\n  public_url: http://deploy.example", false), ("listen: 127.0.0.1:80", false),
        ("public_url: http://localhost:8080", false), ("public_url: https://[::1]", false),
        ("listen: 0.0.0.0:443\n  tls: {certificate: a, key: b}\n  public_url: https://deploy.example", false),
    ])
    func `a proxy that must be there and is not named, and everybody as one, are warned of`(
        server: String, isWarned: Bool
    ) throws {
        let text = file(hook: Self.strong, token: Self.strong, app: Self.strong)
            .replacing("  data: data", with: "  data: data\n  \(server)")
        let warnings = try parse(text).warnings
        #expect(warnings.count == (isWarned ? 1 : 0))
        #expect(warnings.allSatisfy { $0.contains("server.trusted_proxies") })
    }
}

import Foundation
import TestSupport
import Testing

@testable import slipway

/// The real binary's manners.
@Suite struct CommandTests {
    @Test func `--version and --help answer`() async throws {
        let version = try await Program.run(["--version"])
        #expect(version.code == 0 && version.output == "0.1.0\n")
        let help = try await Program.run(["--help"])
        #expect(help.code == 0 && help.error.isEmpty)
        for word in ["serve", "demo", "check", "sign"] { #expect(help.output.contains("  \(word) ")) }
        #expect(!help.output.contains("heroku-sandbox"))
    }

    @Test(arguments: [["nonsense"], ["serve", "--nonsense"], ["sign"], ["demo", "--port", "many"], ["--nonsense"]])
    func `wrong usage exits with 2 and says so on the standard error`(arguments: [String]) async throws {
        let run = try await Program.run(arguments)
        #expect(run.code == 2)
        #expect(run.output.isEmpty && run.error.contains("Usage: slipway"))
    }

    @Test func `a level that the log does not have is refused, with those that it has`() async throws {
        let run = try await Program.run(["serve", "--log-level", "loud"])
        #expect(run.code == 2)
        #expect(
            run.error.contains(
                "The value 'loud' is invalid for '--log-level <level>': it is one of trace, debug, info, notice, "
                    + "warning, error, critical\n"))
    }

    @Test func `sign gives GitHub's published signature`() async throws {
        let folder = try TemporaryFolder()
        let secret = try folder.write("It's a Secret to Everybody\n", to: "secret")
        let body = try folder.write("Hello, World!", to: "body")
        let expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17\n"
        #expect(try await Program.run(["sign", "--secret-file", secret, body]).output == expected)
        #expect(
            try await Program.run(["sign", "--secret-file", secret, "-"], input: body).output == expected)
        let variable = ["SLIPWAY_WEBHOOK_SECRET": "It's a Secret to Everybody"]
        #expect(try await Program.run(["sign", body], environment: variable).output == expected)
    }

    @Test func `sign refuses an empty secret, none, and what it cannot read`() async throws {
        let folder = try TemporaryFolder()
        let empty = try folder.write("\n", to: "empty")
        let runs = [
            try await Program.run(["sign", "--secret-file", empty, "-"]),
            try await Program.run(["sign", "-"]),
            try await Program.run(["sign", "--secret-file", folder.path + "/none", "-"]),
            try await Program.run(["sign", folder.path + "/none"], environment: ["SLIPWAY_WEBHOOK_SECRET": "x"]),
        ]
        #expect(runs.map(\.code) == [2, 2, 2, 2])
        #expect(runs.allSatisfy { $0.output.isEmpty })
        #expect(runs[0].error.contains("the secret is empty"))
        #expect(runs[2].error.contains("no such file or directory"))
    }

    @Test(arguments: ["serve", "check"])
    func `a wrong configuration exits with 2, each mistake on its line`(command: String) async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            RunningServer.configuration().replacing("jobs: 2", with: "jobs: two").replacing("drain:", with: "drian:"),
            to: "slipway.yml")
        let run = try await Program.run([command, "--config", file], environment: RunningServer.environment)
        #expect(run.code == 2)
        #expect(
            run.error == """
                \(file):4: server.jobs: must be a whole number from 1 to 64, not `two`
                \(file):5: server.drian: unknown key; did you mean `drain`?

                """)
    }

    @Test func `check names what does not hold, exits with 1 and writes nothing`() async throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(RunningServer.configuration(), to: "slipway.yml")
        let run = try await Program.run(["check", "--config", file], environment: RunningServer.environment)
        #expect(run.code == 1)
        #expect(
            run.output.contains("ok       server.data: \(folder.path)/data does not exist yet; serve will make it\n"))
        #expect(run.output.contains("ok       git: version 2."))
        // No engine answers, or the machine has no Docker at all.
        #expect(run.output.contains("error    docker: "))
        #expect(run.output.contains("error    apps.hello: "))
        #expect(run.output.contains("error    heroku: Heroku could not be reached"))
        #expect(!(run.output + run.error).contains("key-of-the-tests"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["slipway.yml"])
    }

    /// Commands whose whole work is what they print.
    private static let printing = [
        ["--version"], ["--help"], ["help", "check"], ["sign", "--help"], ["sign", "/dev/null"],
        ["check", "--config", "slipway.yml"],
    ]

    private func run(_ arguments: [String], _ script: String) async throws -> (
        code: Int32, output: String, error: String
    ) {
        let folder = try TemporaryFolder()
        try folder.write(RunningServer.configuration(), to: "slipway.yml")
        return try await Program.run(
            arguments, through: "cd \(folder.path); \(script)",
            environment: RunningServer.environment.merging(["SLIPWAY_WEBHOOK_SECRET": "x"]) { own, _ in own })
    }

    @Test(arguments: printing) func `a command fails when its output cannot be written`(arguments: [String])
        async throws
    {
        let run = try await run(arguments, #"exec "$@" >/dev/full"#)
        #expect(run.code == 1)
        #expect(run.error == "slipway: the output cannot be written: No space left on device\n")
    }

    /// With a pipe on descriptor 3 that nobody reads any more.
    private static let unread = #"mkfifo p; exec 4<>p; exec 3>p; exec 4>&-; "$@" >&3; echo "exit $?" >&2"#

    @Test(arguments: printing) func `a reader who leaves ends a command in silence, as any other`(arguments: [String])
        async throws
    {
        // 128 and SIGPIPE.
        #expect(try await run(arguments, Self.unread).error == "exit 141\n")
    }

    @Test(arguments: printing) func `a broken pipe is an error for whoever ignores SIGPIPE`(arguments: [String])
        async throws
    {
        let run = try await run(arguments, "trap '' PIPE; " + Self.unread)
        #expect(run.error == "slipway: the output cannot be written: Broken pipe\nexit 1\n")
    }

    @Test func `demo says what it needs`() async throws {
        let run = try await Program.run(["demo", "--once"])
        #expect(run.code == 2)
        #expect(run.error.contains("`make demo` starts both"))
    }
}

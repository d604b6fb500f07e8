import ArgumentParser

/// The program. What each command does is in `Commands/`, what `serve` wires together in `Serve/Server.swift`.
@main
struct Slipway: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "slipway",
        abstract: "Takes GitHub pushes, tests and builds them with Docker, and releases them to Heroku.",
        discussion: """
            Exit codes: 0 done, 1 the work failed, 2 wrong usage or configuration, 130 interrupted.
            """,
        version: version,
        subcommands: [
            ServeCommand.self, DemoCommand.self, CheckCommand.self, SignCommand.self, HerokuSandboxCommand.self,
        ])

    /// ArgumentParser's own `main` exits with 64 for wrong usage, where people and scripts expect 2, and with 0 when what it
    /// prints cannot be written.
    static func main() async {
        do {
            do {
                var command = try parseAsRoot()
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
            } catch  where exitCode(for: error) == .success {
                // `--help`, `--version` and the like end so.
                let text = fullMessage(for: error)
                if !text.isEmpty { try Terminal.print(text) }
            }
        } catch let error as ExitCode {
            exit(withError: error)
        } catch let full as Terminal.Full {
            full.exit()
        } catch {
            let code = exitCode(for: error)
            Terminal.printError(fullMessage(for: error))
            exit(withError: code == .validationFailure ? ExitStatus.usage : code)
        }
    }
}

/// How every command ends.
enum ExitStatus {
    static let failed = ExitCode(1)
    static let usage = ExitCode(2)
    static let interrupted = ExitCode(130)
}

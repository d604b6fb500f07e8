import Foundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// What a command printed and how it ended.
struct CommandResult: Sendable {
    let status: Int
    /// Both streams, interleaved.
    let output: String

    /// What it printed, without the last newline, when it ended well.
    func text() throws -> String {
        guard status == 0 else { throw CommandFailure(result: self) }
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }
}

struct CommandFailure: Error, CustomStringConvertible {
    let result: CommandResult

    var description: String { "ended with \(result.status):\n\(result.output)" }
}

/// Runs a program to its end, as a person would in a shell.
func run(
    _ program: String, _ arguments: [String], in folder: URL? = nil, environment: [String: String] = [:]
) async throws -> CommandResult {
    let result = try await Subprocess.run(
        program.hasPrefix("/") ? .path(FilePath(program)) : .name(program), arguments: Arguments(arguments),
        environment: .inherit.updating(environment.asEnvironment),
        workingDirectory: folder.map { FilePath($0.path) },
        output: .string(limit: 4 << 20), error: .combinedWithOutput)
    let status =
        switch result.terminationStatus {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    return CommandResult(status: status, output: result.standardOutput)
}

/// Where a test has to do what only root may.
func asRoot(_ program: String, _ arguments: [String]) async throws -> CommandResult {
    getuid() == 0 ? try await run(program, arguments) : try await run("sudo", ["--", program] + arguments)
}

extension [String: String] {
    var asEnvironment: [Subprocess.Environment.Key: String?] {
        var environment: [Subprocess.Environment.Key: String?] = [:]
        for (name, value) in self {
            if let key = Subprocess.Environment.Key(rawValue: name) { environment[key] = value }
        }
        return environment
    }
}

/// A program ended without printing what was waited for.
struct EndedEarly: Error, CustomStringConvertible {
    let printed: String

    var description: String { "it ended without printing what was waited for:\n\(printed)" }
}

/// A program that goes on until it is stopped by its process id.
final class BackgroundProgram: Sendable {
    private let output: Output
    private let life: Task<Void, any Error>

    init(_ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:]) {
        let output = Output()
        self.output = output
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(20))]
        life = Task { [options] in
            _ = try await Subprocess.run(
                .path(FilePath(program)), arguments: Arguments(arguments),
                environment: .inherit.updating(environment.asEnvironment), workingDirectory: FilePath(folder.path),
                platformOptions: options, input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                await output.began(execution.processIdentifier.value)
                for try await line in execution.standardOutput.strings() { await output.add(line) }
            }
            await output.end()
        }
    }

    /// The first match of a pattern in what it prints, now or later.
    func waitFor<Match: Sendable>(_ pattern: sending Regex<Match>) async throws -> Match {
        try await output.waitFor(pattern)
    }

    var printed: String {
        get async { await output.text }
    }

    var isRunning: Bool {
        get async { await !output.hasEnded }
    }

    /// nil: not running.
    var pid: pid_t? {
        get async { await output.pid }
    }

    /// Ends it as a loss of power would, as far as one process can.
    func kill() async {
        if let pid = await output.pid { Foundation.kill(pid, SIGKILL) }
        await end()
    }

    /// Waits until it has ended by itself.
    func end() async { _ = await life.result }

    /// Stops it as a service manager does, and waits for its end.
    func stop() async {
        life.cancel()
        await end()
    }

    private actor Output {
        var text = ""
        var hasEnded = false
        /// nil: not running.
        private(set) var pid: pid_t?

        func add(_ line: String) { text += line + "\n" }

        func began(_ pid: pid_t) { self.pid = pid }

        func end() {
            pid = nil
            hasEnded = true
        }

        func waitFor<Match: Sendable>(_ pattern: sending Regex<Match>) async throws -> Match {
            try await eventually("what it was to print") {
                if let match = text.firstMatch(of: pattern) { return match.output }
                if hasEnded { throw EndedEarly(printed: text) }
                return nil
            }
        }
    }
}

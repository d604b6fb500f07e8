import Foundation
import SlipwayBase
import Subprocess
import Synchronization
import SystemPackage

/// Runs commands, each as the leader of a session of its own, so that all it starts can be ended with it.
///
/// When the awaiting task is cancelled or the time is over, the group gets SIGTERM, and after `grace` SIGKILL; both
/// methods return only when the command is dead.
///
/// Commands read nothing: swift-subprocess 1.0.2 traps when one ends before it has read its input.
package struct CommandRunner: Sendable {
    /// Short: who cancels a job sees it stop.
    package var grace: Duration
    /// Marks the commands and all they start, in their environment.
    private let instance: String

    /// - Parameter instance: of the server whose commands they are.
    package init(instance: String = "", grace: Duration = .seconds(1)) {
        self.instance = instance
        self.grace = grace
    }

    /// The same with another `grace`.
    func ending(after grace: Duration) -> CommandRunner { CommandRunner(instance: instance, grace: grace) }

    /// Runs a command whose two outputs go to a step's log, in the order they come.
    /// - Throws: `CommandError`, or `CancellationError`.
    package func stream(_ command: Command, to log: StepLog, within limit: Duration? = nil) async throws
        -> CommandResult
    {
        let result = try await bounded(command, limit) { pid in
            let ended = try await Subprocess.run(
                executable(command), arguments: Arguments(command.arguments),
                environment: .custom(environment(command)),
                workingDirectory: command.workingDirectory.map { FilePath($0) }, platformOptions: options,
                input: .none, output: .sequence, error: .combinedWithOutput
            ) { execution in
                pid.value = execution.processIdentifier.value
                var tail = Tail()
                for try await buffer in execution.standardOutput {
                    let bytes = buffer.withUnsafeBytes { Array($0) }
                    tail.append(bytes)
                    await log.write(bytes)
                }
                return tail.bytes
            }
            return CommandResult(exit: exit(ended.terminationStatus), tail: ended.closureResult)
        }
        await log.flush()
        return result
    }

    /// Runs a command for its standard output, of which at most `limit` bytes are kept.
    /// - Throws: `CommandError`, or `CancellationError`.
    package func collect(_ command: Command, limit: Int = 1 << 20, within time: Duration? = .seconds(60))
        async throws -> CommandResult
    {
        try await reading(command, within: time) { standardOutput, _ in
            var output: [UInt8] = []
            for try await buffer in standardOutput where output.count < limit {
                output += buffer.withUnsafeBytes { Array($0.prefix(limit - output.count)) }
            }
            return output
        }
    }

    /// Runs a command and hands on its standard output as it comes, for what may be more than anybody wants to hold.
    /// - Parameter take: whether it wants more; when it does not, the command is killed.
    /// - Throws: `CommandError`, or `CancellationError`.
    package func read(
        _ command: Command, within time: Duration, _ take: @escaping @Sendable ([UInt8]) -> Bool
    ) async throws -> CommandResult {
        try await reading(command, within: time) { standardOutput, pid in
            var wantsMore = true
            for try await buffer in standardOutput where wantsMore {
                wantsMore = take(buffer.withUnsafeBytes { Array($0) })
                if !wantsMore { killRest(of: pid) }
            }
            return []
        }
    }

    /// Runs a command whose two outputs are apart: of the one for errors the end is kept.
    /// - Parameter body: reads the standard output to its end, and returns what is kept of it.
    private func reading(
        _ command: Command, within time: Duration?,
        _ body: @escaping @Sendable (SubprocessOutputSequence, pid_t) async throws -> [UInt8]
    ) async throws -> CommandResult {
        try await bounded(command, time) { pid in
            let ended = try await Subprocess.run(
                executable(command), arguments: Arguments(command.arguments),
                environment: .custom(environment(command)),
                workingDirectory: command.workingDirectory.map { FilePath($0) }, platformOptions: options,
                input: .none, output: .sequence, error: .sequence
            ) { execution in
                pid.value = execution.processIdentifier.value
                // Both at once: a command that fills the pipe nobody reads stands still.
                async let error = Self.readTail(execution.standardError)
                let output = try await body(execution.standardOutput, pid.value)
                return (output, try await error)
            }
            return CommandResult(
                exit: exit(ended.terminationStatus), output: ended.closureResult.0, tail: ended.closureResult.1)
        }
    }

    private static func readTail(_ sequence: SubprocessOutputSequence) async throws -> [UInt8] {
        var tail = Tail()
        for try await buffer in sequence { tail.append(buffer.withUnsafeBytes { Array($0) }) }
        return tail.bytes
    }

    // MARK: Ends

    private func bounded(
        _ command: Command, _ limit: Duration?,
        _ body: @Sendable @escaping (Current<pid_t>) async throws -> CommandResult
    ) async throws -> CommandResult {
        try Task.checkCancellation()
        let pid = Current<pid_t>(0)
        let outcome: CommandResult?
        do {
            outcome = try await withThrowingTaskGroup(of: CommandResult?.self) { group in
                group.addTask { try await body(pid) }
                if let limit {
                    group.addTask {
                        // Cancelled when the command was quicker.
                        try? await Task.sleep(for: limit)
                        return nil
                    }
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
        } catch let error as SubprocessError {
            killRest(of: pid.value)
            try Task.checkCancellation()
            if error.code == .executableNotFound { throw CommandError.notFound(command.executable) }
            throw CommandError.cannotStart(command.executable, reason: "\(error)")
        }
        guard !Task.isCancelled, let outcome else {
            killRest(of: pid.value)
            try Task.checkCancellation()
            throw CommandError.timedOut(command.executable, after: limit ?? .zero)
        }
        return outcome
    }

    /// The teardown ends with the command itself; what that leaves in its group goes now. While a member lives, the
    /// kernel gives the group's number to nobody else.
    private func killRest(of group: pid_t) {
        if group > 1 { kill(-group, SIGKILL) }
    }

    private var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: grace)
        ]
        return options
    }

    private func executable(_ command: Command) -> Executable {
        command.executable.contains("/") ? .path(FilePath(command.executable)) : .name(command.executable)
    }

    private func environment(_ command: Command) -> [Environment.Key: String] {
        var environment: [Environment.Key: String] = [:]
        for (name, value) in command.environment {
            guard let key = Environment.Key(rawValue: name) else { continue }
            environment[key] = value
        }
        if !instance.isEmpty, let key = Environment.Key(rawValue: Self.mark) { environment[key] = instance }
        return environment
    }

    private static let mark = "SLIPWAY_INSTANCE"

    /// Ends the commands that a killed server of this instance left behind. Before the first one of this server.
    /// - Returns: how many processes there were.
    package func endLeftovers() -> Int {
        guard !instance.isEmpty else { return 0 }
        let mark = Array("\(Self.mark)=\(instance)\0".utf8)
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap(pid_t.init).count { pid in
            guard pid != getpid(), let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
                environment.firstRange(of: mark) != nil
            else { return false }
            return kill(pid, SIGKILL) == 0
        }
    }

    private func exit(_ status: TerminationStatus) -> CommandResult.Exit {
        switch status {
        case .exited(let code): .code(code)
        case .signaled(let signal): .signal(signal)
        }
    }

    /// The end of a long output, from a line's beginning where one is in reach: half a secret is not recognised.
    private struct Tail {
        private(set) var bytes: [UInt8] = []

        mutating func append(_ more: [UInt8]) {
            bytes += more
            guard bytes.count > 16_384 else { return }
            bytes.removeFirst(bytes.count - 8192)
            bytes.removeFirst((bytes.firstIndex(of: UInt8(ascii: "\n")) ?? 4095) + 1)
        }
    }
}

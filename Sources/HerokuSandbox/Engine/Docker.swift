import Foundation
import SlipwayBase
import Subprocess
import SystemPackage

/// The local engine, by its CLI.
struct Docker: Sendable {
    let executable: String
    let host: String?
    /// A folder with the registry's login, of this sandbox alone.
    let configuration: String

    /// Runs a command to its end.
    /// - Returns: what it printed, without the last line end.
    /// - Throws: `SandboxError.engine` for a status other than 0.
    @discardableResult
    func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let (status, output) = try await collect(arguments, environment: environment)
        guard status == 0 else {
            throw SandboxError.engine(command: arguments.first ?? "", status: status, output: output)
        }
        return output
    }

    /// Runs a command whose failure is not an error: what it works on may be gone already.
    func attempt(_ arguments: [String]) async {
        _ = try? await collect(arguments, environment: [:])
    }

    private func collect(_ arguments: [String], environment: [String: String]) async throws -> (Int, String) {
        do {
            let ended = try await Subprocess.run(
                program, arguments: Arguments(globalArguments + arguments),
                environment: inherited(environment), platformOptions: options, input: .none,
                output: .string(limit: 4 << 20), error: .combinedWithOutput)
            try Task.checkCancellation()
            let output = ended.standardOutput
            return (Self.status(ended.terminationStatus), output.hasSuffix("\n") ? String(output.dropLast()) : output)
        } catch let error as SubprocessError {
            throw Self.explain(error, executable)
        }
    }

    /// Runs a command and hands on what it prints, both streams as one.
    /// - Returns: its exit status.
    func stream(_ arguments: [String], _ take: @Sendable ([UInt8]) async throws -> Void) async throws -> Int {
        do {
            let ended = try await Subprocess.run(
                program, arguments: Arguments(globalArguments + arguments),
                environment: inherited([:]), platformOptions: options, input: .none, output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                for try await buffer in execution.standardOutput { try await take(buffer.withUnsafeBytes(Array.init)) }
            }
            try Task.checkCancellation()
            return Self.status(ended.terminationStatus)
        } catch let error as SubprocessError {
            throw Self.explain(error, executable)
        }
    }

    /// Runs a command between two streams of bytes.
    ///
    /// - Parameters:
    ///   - input: gives the command's standard input through its argument and returns at the end; cancelled once the
    ///     command has closed its output.
    ///   - take: gets what the command prints.
    func converse(
        _ arguments: [String],
        input: @Sendable @escaping (_ write: ([UInt8]) async throws -> Void) async throws -> Void,
        _ take: @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Int {
        do {
            let ended = try await Subprocess.run(
                program, arguments: Arguments(globalArguments + arguments),
                environment: inherited([:]), platformOptions: options, input: .inputWriter, output: .sequence,
                error: .combinedWithOutput
            ) { execution in
                let writer = execution.standardInputWriter
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        do {
                            try await input { _ = try await writer.write($0) }
                        } catch is SubprocessError {
                            // It reads no more; what it still prints counts.
                        }
                        try? await writer.finish()
                    }
                    for try await buffer in execution.standardOutput {
                        try await take(buffer.withUnsafeBytes(Array.init))
                    }
                    group.cancelAll()
                }
            }
            try Task.checkCancellation()
            return Self.status(ended.terminationStatus)
        } catch let error as SubprocessError {
            throw Self.explain(error, executable)
        }
    }

    /// A bare name is looked up in PATH.
    private var program: Executable {
        executable.contains("/") ? .path(FilePath(executable)) : .name(executable)
    }

    private var globalArguments: [String] {
        ["--config", configuration] + (host.map { ["--host", $0] } ?? [])
    }

    private func inherited(_ more: [String: String]) -> Environment {
        var updates: [Environment.Key: String?] = [:]
        for (name, value) in more {
            guard let key = Environment.Key(rawValue: name) else { continue }
            updates[key] = value
        }
        return Environment.inherit.updating(updates)
    }

    private var options: PlatformOptions {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(2))
        ]
        return options
    }

    private static func status(_ status: TerminationStatus) -> Int {
        switch status {
        case .exited(let code): Int(code)
        case .signaled(let signal): 128 + Int(signal)
        }
    }

    private static func explain(_ error: SubprocessError, _ executable: String) -> any Error {
        if Task.isCancelled { return CancellationError() }
        if error.code == .executableNotFound { return SandboxError.executableMissing(executable) }
        return SandboxError.engine(command: "", status: -1, output: "\(error)")
    }
}

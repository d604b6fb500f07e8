import Foundation
import SlipwayBase
import Subprocess
import SystemPackage

/// A server of ours in a process of its own, whose lines are read as they come and which is stopped by its own pid.
/// It also stops when this process ends in whatever way.
final class ChildProcess: Sendable {
    let name: String
    /// 0 while it does not run.
    let pid = Current<pid_t>(0)
    private let ended: Task<String, Never>

    /// - Parameters:
    ///   - environment: all of it; nothing is inherited.
    ///   - line: takes each line of the standard error.
    ///   - onEnd: is told once, how it ended.
    init(
        _ name: String, executable: String, arguments: [String], environment: [String: String],
        line: @escaping @Sendable (String) -> Void, onEnd: @escaping @Sendable (String) -> Void
    ) {
        self.name = name
        var variables: [Subprocess.Environment.Key: String] = [:]
        for (name, value) in environment {
            guard let key = Subprocess.Environment.Key(rawValue: name) else { continue }
            variables[key] = value
        }
        var options = PlatformOptions()
        // Ctrl-C is for us: we stop the children, in order.
        options.createSession = true
        ended = Task { [pid, variables, options] in
            let end: String
            do {
                let (input, lifeline) = try FileDescriptor.pipe()
                defer { try? lifeline.close() }
                // No other child may hold it: this one would then outlive us.
                _ = fcntl(lifeline.rawValue, F_SETFD, FD_CLOEXEC)
                let result = try await Subprocess.run(
                    .path(FilePath(executable)), arguments: Arguments(arguments + ["--" + ParentOption.name]),
                    environment: .custom(variables), platformOptions: options,
                    input: .fileDescriptor(input, closeAfterSpawningProcess: true), output: .discarded,
                    error: .sequence
                ) { execution in
                    pid.value = execution.processIdentifier.value
                    for try await text in execution.standardError.strings() { line(text) }
                }
                end = "\(name) ended with \(result.terminationStatus)"
            } catch {
                end = "\(name) could not be run: \(error)"
            }
            pid.value = 0
            onEnd(end)
            return end
        }
    }

    func send(_ signal: Int32) {
        let process = pid.value
        if process > 0 { kill(process, signal) }
    }

    /// Asks it to stop, waits, and kills it when it does not within `time`.
    func stop(within time: Duration) async {
        let process = pid.value
        guard process > 0 else { return }
        kill(process, SIGTERM)
        let deadline = Task {
            try await Task.sleep(for: time)
            if self.pid.value == process { kill(process, SIGKILL) }
        }
        _ = await ended.value
        deadline.cancel()
    }
}

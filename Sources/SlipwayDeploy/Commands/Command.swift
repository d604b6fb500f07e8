/// A command line as a value: built by one part, asserted by tests, run by `CommandRunner`.
package struct Command: Sendable, Hashable {
    /// A path, or a name that `PATH` of this environment knows.
    package var executable: String
    package var arguments: [String]
    /// All of it: nothing is inherited.
    package var environment: [String: String]
    package var workingDirectory: String?

    package init(
        _ executable: String, _ arguments: [String], environment: [String: String],
        workingDirectory: String? = nil
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }
}

extension Command: CustomStringConvertible {
    /// The line an operator would type, without the environment, which holds secrets.
    package var description: String {
        ([executable] + arguments).map(\.shellQuoted).joined(separator: " ")
    }
}

extension String {
    /// As one word of a shell, quoted only where it must be.
    fileprivate var shellQuoted: String {
        let plain = unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || "0123456789-_./:=@+,%^{}".unicodeScalars.contains(scalar))
        }
        return isEmpty || !plain ? singleQuoted : self
    }

    /// In single quotes, within which a shell takes everything but these as it stands (POSIX, XCU 2.2.2).
    package var singleQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}

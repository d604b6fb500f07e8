/// How a command ended.
package struct CommandResult: Sendable {
    package enum Exit: Sendable, Hashable {
        case code(Int32)
        case signal(Int32)
    }

    package var exit: Exit
    /// Standard output, as much as was asked for; of a streamed command nothing.
    package var output: [UInt8] = []
    /// The last few kilobytes it wrote: of a streamed command of both outputs, else of the error output.
    package var tail: [UInt8] = []

    package var succeeded: Bool { exit == .code(0) }
    package var text: String { String(decoding: output, as: UTF8.self) }
    package var lastWords: String { String(decoding: tail, as: UTF8.self) }

    /// The last line of what it wrote that says something.
    package var lastLine: String {
        let lines = lastWords.split(whereSeparator: \.isNewline)
        return String(lines.last { line in line.contains { !$0.isWhitespace } } ?? "")
    }
}

extension CommandResult.Exit: CustomStringConvertible {
    package var description: String {
        switch self {
        case .code(let code): "exit status \(code)"
        case .signal(let signal): "signal \(signal)"
        }
    }
}

package import SlipwayBase
package import SlipwayCore

/// A step's output on its way to the log book: cut into lines, cleaned of secrets and of all control sequences but
/// colours.
///
/// Output comes in chunks that end anywhere; a line is redacted once it is whole, so a secret across two chunks is
/// found. A line longer than `longestLine` is cut there, and what follows starts a new one.
package actor StepLog {
    package static let longestLine = 65_536
    /// Of a step's output as much is kept: a command that never stops printing is not to fill the disk.
    package static let mostBytes = 64 << 20
    /// Of a line that is cut, as much waits for the rest as the longest secret may need.
    private static let overlap = 8192

    private let book: any LogBook
    private let job: JobID
    private let step: Step.Name
    private var redactor: Redactor
    private var partial: [UInt8] = []
    private var written = 0
    private let mostBytes: Int

    package init(
        book: any LogBook, job: JobID, step: Step.Name, redactor: Redactor, mostBytes: Int = StepLog.mostBytes
    ) {
        self.mostBytes = mostBytes
        self.book = book
        self.job = job
        self.step = step
        self.redactor = redactor
    }

    /// Hides one more secret from now on.
    package func hide(_ secret: Secret) {
        redactor.hide(secret)
    }

    /// A line of our own. Text from outside in it is the caller's to put on one line.
    package func line(_ text: String) async {
        let newline: [UInt8] = partial.isEmpty ? [] : [UInt8(ascii: "\n")]
        await append(newline + Array(text.utf8) + [UInt8(ascii: "\n")])
    }

    /// Output of a command or a dyno.
    package func write(_ chunk: [UInt8]) async {
        guard written < mostBytes else { return }
        written += chunk.count
        await append(chunk)
        if written >= mostBytes {
            // It may end within a secret.
            partial = []
            await line("slipway: of this step's output the first \(mostBytes) bytes are kept, the rest is left out")
        }
    }

    /// Ends a last line that has no newline.
    package func flush() async {
        guard !partial.isEmpty else { return }
        await append([UInt8(ascii: "\n")])
    }

    private func append(_ chunk: [UInt8]) async {
        let lines = take(chunk)
        guard !lines.isEmpty else { return }
        await book.append(lines, job: job, step: step)
    }

    /// The lines that this chunk completes.
    private func take(_ chunk: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        var rest = chunk[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            partial += rest[..<end]
            finishLine(into: &lines)
            rest = rest[(end + 1)...]
        }
        partial += rest
        if partial.count > Self.longestLine { cutLine(into: &lines) }
        return lines
    }

    private func finishLine(into lines: inout [UInt8]) {
        var line = redactor.redact(TerminalText.clean(partial))
        partial = []
        while line.count > Self.longestLine {
            lines += line.prefix(Self.longestLine) + [UInt8(ascii: "\n")]
            line.removeFirst(Self.longestLine)
        }
        lines += line + [UInt8(ascii: "\n")]
    }

    private func cutLine(into lines: inout [UInt8]) {
        // Redacted before it is cut: the secrets that are whole are gone, and one that is not lies in the overlap.
        let line = redactor.redact(TerminalText.clean(partial))
        guard line.count > Self.longestLine else {
            // A progress bar that draws over itself.
            partial = line
            return
        }
        let end = line.count - Self.overlap
        for start in stride(from: 0, to: end, by: Self.longestLine) {
            lines += line[start..<min(start + Self.longestLine, end)] + [UInt8(ascii: "\n")]
        }
        partial = Array(line[end...])
    }
}

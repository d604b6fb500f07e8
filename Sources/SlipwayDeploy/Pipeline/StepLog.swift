package import SlipwayBase
package import SlipwayCore
import Synchronization

/// A step's output on its way to the log book: cut into lines, cleaned of secrets and of all control sequences but
/// colours.
///
/// Output comes in chunks that end anywhere; a line is redacted once it is whole, so a secret across two chunks is
/// found. A line longer than `longestLine` is cut there, and what follows starts a new one.
package actor StepLog {
    package static let longestLine = 65_536

    private let book: any LogBook
    private let job: JobID
    private let step: Step.Name
    private var redactor: Redactor
    private var partial: [UInt8] = []

    package init(book: any LogBook, job: JobID, step: Step.Name, redactor: Redactor) {
        self.book = book
        self.job = job
        self.step = step
        self.redactor = redactor
    }

    /// Hides one more secret from now on.
    package func hide(_ secret: Secret) {
        redactor.hide(secret)
    }

    /// A line of our own.
    package func line(_ text: String) async {
        await flush()
        await write(Array((text + "\n").utf8))
    }

    /// Output of a command or a dyno.
    package func write(_ chunk: [UInt8]) async {
        partial += chunk
        guard let last = partial.lastIndex(of: UInt8(ascii: "\n")) else { return }
        let lines = partial[...last]
        partial = Array(partial[(last + 1)...])
        await book.append(clean(lines), job: job, step: step)
    }

    /// Ends a last line that has no newline.
    package func flush() async {
        guard !partial.isEmpty else { return }
        await write([UInt8(ascii: "\n")])
    }

    private func clean(_ lines: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for line in lines.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            text += redactor.redact(Array(line)) + [UInt8(ascii: "\n")]
        }
        return text
    }
}

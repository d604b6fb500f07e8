package import SlipwayBase
package import SlipwayCore

/// A step's output on its way to the log book: cut into lines, cleaned of secrets and of all control sequences but
/// colours.
///
/// Output comes in chunks that end anywhere; it is redacted by lines, so a secret across two chunks is found. A line
/// longer than `longestLine` is cut there, and what follows starts a new one. A line that gets no end is shown as far
/// as it is there: a question, a row of dots, a progress bar.
package actor StepLog {
    package static let longestLine = 65_536
    /// What each line of Slipway's own begins with, and none of a command's.
    package static let ownMark = "slipway: "

    private let book: any LogBook
    private let job: JobID
    private let step: Step.Name
    private let pause: Duration
    private var lines: RedactedLines
    /// The line that has no end yet, as it was written.
    private var unfinished: [UInt8] = []
    /// What of it the book shows.
    private var shown: [UInt8] = []
    private var isToShow = false
    private var window = OutputWindow()

    /// - Parameter pause: after which a line is shown that has no end.
    package init(
        book: any LogBook, job: JobID, step: Step.Name, redactor: Redactor, pause: Duration = .milliseconds(400)
    ) {
        self.book = book
        self.job = job
        self.step = step
        self.pause = pause
        lines = RedactedLines(redactor)
    }

    /// Hides one more secret from now on.
    package func hide(_ secret: Secret) {
        lines.redactor.hide(secret)
    }

    /// A text of ours without what is hidden.
    package func redacted(_ text: String) -> String { lines.redactor.redact(text) }

    /// A line of our own. Text from outside in it is the caller's to put on one line.
    package func line(_ text: String) async {
        if !unfinished.isEmpty { await write([newline]) }
        let line = lines.redactor.redact(Self.ownMark + text)
        shown = []
        await book.append(Array((line + "\n").utf8), job: job, step: step, isOwn: true)
    }

    /// Output of a command.
    package func write(_ chunk: [UInt8]) async {
        let whole = take(chunk)
        if !whole.isEmpty { await append(lines.take(whole)) }
        if !unfinished.isEmpty { showSoon() }
    }

    /// A line that a command printed.
    package func quote(_ line: String) async {
        if !unfinished.isEmpty { await write([newline]) }
        await write(Array(line.utf8) + [newline])
    }

    /// Ends a last line that has no newline, and gives out what was held back: nothing more comes.
    package func flush() async {
        if !unfinished.isEmpty { await write([newline]) }
        await append(lines.finish())
    }

    /// What was printed until now tells nothing of a failure that comes.
    func beginOutput() { window = OutputWindow() }

    /// The lines of the command's output that tell why it failed.
    func detail(_ source: FailureSource) -> [DetailLine] { TellingLines.of(window.lines(of: step), source) }

    // MARK: - Lines

    private func append(_ clean: [UInt8]) async {
        guard !clean.isEmpty else { return }
        let closed = OutputLines.closed(clean)
        shown = []
        if let offset = await book.append(closed, job: job, step: step, isOwn: false) { window.add(closed, at: offset) }
    }

    /// The lines that this chunk completes, without controls.
    private func take(_ chunk: [UInt8]) -> [UInt8] {
        var whole: [UInt8] = []
        var rest = chunk[...]
        while let end = rest.firstIndex(ofByte: newline) {
            if unfinished.isEmpty {
                OutputLines.add(rest[..<end], to: &whole)
            } else {
                unfinished += rest[..<end]
                OutputLines.add(unfinished[...], to: &whole)
                unfinished = []
            }
            rest = rest[(end + 1)...]
        }
        unfinished += rest
        guard unfinished.count > Self.longestLine else { return whole }
        // Most often a progress bar that draws over itself.
        let drawn = TerminalText.whole(unfinished)
        let tail = unfinished[drawn.endIndex...]
        var line = TerminalText.clean(drawn)
        while line.count > Self.longestLine { OutputLines.cut(from: &line, into: &whole) }
        unfinished = line + tail
        return whole
    }

    // MARK: - A line without an end

    private func showSoon() {
        guard !isToShow else { return }
        isToShow = true
        let pause = pause
        Task {
            try? await Task.sleep(for: pause)
            await self.show()
        }
    }

    private func show() async {
        isToShow = false
        guard !unfinished.isEmpty else { return }
        let text = OutputLines.marked(lines.preview(of: TerminalText.clean(TerminalText.whole(unfinished))))
        guard text != shown else { return }
        shown = text
        await book.show(text, job: job, step: step)
    }
}

private let newline = UInt8(ascii: "\n")

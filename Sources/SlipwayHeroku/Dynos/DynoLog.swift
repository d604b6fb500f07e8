import SlipwayDeploy

/// What the app's log has told of one dyno so far. The log may repeat, reorder and lose lines.
actor DynoLog {
    let dyno: String
    private let marker: ExitMarker
    private let output: StepLog
    private var seen: Set<LogLine> = []
    /// Empty lines not shown yet: one precedes the marker that is not the command's.
    private var emptyLines = 0
    private var markedCode: Int?
    private var statusCode: Int?
    private var hasEnded = false
    /// Nobody attached to it: the exit status is the platform's, nothing has run.
    private(set) var hasRunNothing = false

    init(dyno: String, marker: ExitMarker, output: StepLog) {
        self.dyno = dyno
        self.marker = marker
        self.output = output
    }

    /// The marker is the command's own word; the platform's may be of a signal that came after it.
    var exitCode: Int? { markedCode ?? statusCode }
    /// Nothing more is to come.
    var isComplete: Bool { exitCode != nil && hasEnded }

    /// - Returns: whether there is more to wait for.
    func take(_ text: String) async -> Bool {
        guard let line = LogLine(text) else { return !isComplete }
        if line.dyno == "logplex", line.message.hasPrefix("Error L") {
            await output.line("Heroku's log lost lines here (\(line.message))")
        }
        guard line.dyno == dyno, seen.insert(line).inserted else { return !isComplete }
        if line.source == "app" {
            await takeOutput(line.message)
        } else {
            if let code = line.exitCode { statusCode = code }
            if line.isEnd { hasEnded = true }
            if line.isAttachError { hasRunNothing = true }
            // `Error R14 (Memory quota exceeded)` and its like explain an exit status.
            if line.message.hasPrefix("Error ") { await output.line("Heroku: \(line.message)") }
        }
        return !isComplete
    }

    private func takeOutput(_ message: String) async {
        if let code = marker.code(in: message) {
            markedCode = code
        } else if message.isEmpty {
            emptyLines += 1
        } else {
            for _ in 0..<emptyLines { await output.quote("") }
            emptyLines = 0
            await output.quote(message)
        }
    }
}

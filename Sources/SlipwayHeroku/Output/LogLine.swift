/// A line of an app's log: `2026-11-22T19:00:00.123456+00:00 heroku[run.1]: Process exited with status 0`.
struct LogLine: Sendable, Hashable {
    /// `app`: what a dyno printed; `heroku`: what the platform says of it.
    var source: String
    var dyno: String
    var message: String
    var time: String

    /// - Returns: nil for a line of another shape.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, let colon = words[1].firstIndex(of: ":") else { return nil }
        let origin = words[1][..<colon]
        guard origin.hasSuffix("]"), let bracket = origin.firstIndex(of: "[") else { return nil }
        time = String(words[0])
        source = String(origin[..<bracket])
        dyno = String(origin[origin.index(after: bracket)...].dropLast())
        let text = words[1][words[1].index(after: colon)...]
        message = String(text.first == " " ? text.dropFirst() : text)
    }

    /// From `Process exited with status N`.
    var exitCode: Int? {
        let words = "Process exited with status "
        guard source == "heroku", message.hasPrefix(words) else { return nil }
        return Int(message.dropFirst(words.count))
    }

    /// The dyno ended because nobody attached to it; nothing has run in it.
    var isAttachError: Bool { source == "heroku" && message.hasPrefix("Error R13 ") }

    /// Whether a dyno's process is started here.
    var isStart: Bool { source == "heroku" && message.hasPrefix("Starting process with command ") }

    /// Whether it is the platform's last word on a dyno.
    var isEnd: Bool {
        source == "heroku" && message.hasPrefix("State changed from ")
            && (message.hasSuffix(" to complete") || message.hasSuffix(" to crashed"))
    }
}

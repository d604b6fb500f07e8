/// What an app's log tells of a dyno's last crash. Pure, so that each case is a line of a test.
///
/// Dynos of earlier releases had the same name, and a restart keeps it even within a release: what those said is another
/// story, and may be of errors that are repaired.
struct DynoCrash: Sendable {
    private let isWeb: Bool
    /// Of the dyno's last run on the release, in the log's order.
    let lines: [LogLine]
    /// nil where the log does not say it.
    let exit: ExitStatus?
    /// It did not listen on its port in time (R10).
    let bootTimedOut: Bool

    init(of dyno: String, on version: Int, in log: [LogLine]) {
        isWeb = dyno.hasPrefix("web.")
        let release = log.lastIndex { $0.dyno == "api" && $0.message.hasPrefix("Release v\(version) created ") }
        let own = log[(release ?? log.startIndex)...].filter { $0.dyno == dyno }
        let end = own.lastIndex { $0.isEnd || $0.exitCode != nil } ?? own.endIndex
        let start = own[..<end].lastIndex { $0.isStart } ?? own.startIndex
        lines = Array(own[start...])
        // The dyno that it replaces ends under its name and beside it, told to by SIGTERM.
        let codes = lines.compactMap(\.exitCode)
        exit = (codes.first { $0 != 143 } ?? codes.first).map(ExitStatus.init)
        bootTimedOut = lines.contains { $0.source == "heroku" && $0.message.hasPrefix("Error R10 ") }
    }

    /// How it ended, and what that is most often for, to come after the dyno's name.
    func cause(app: String) -> String {
        if bootTimedOut { return "did not listen on $PORT within 60 s (R10)" }
        guard let exit else {
            return "crashes: it runs as another user than root and needs an image for linux/amd64"
                + (isWeb ? ", and a web process must listen on $PORT within 60 s" : "")
        }
        let ended = "exited with status \(exit.code)\(exit.hint)"
        return switch exit.code {
        case 0: ended + ": its command has to go on for as long as the dyno runs"
        case 1:
            ended + ", most often because a config var is missing (`heroku config -a \(app)`), else because it runs as "
                + "another user than root"
        case 126, 127: ended + "; an image without /bin/sh needs an ENTRYPOINT"
        default: ended
        }
    }
}

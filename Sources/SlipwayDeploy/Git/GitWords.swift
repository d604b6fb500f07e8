/// What git and ssh say, for people.
extension CommandResult {
    /// Whether git has met objects or refs in the mirror that it cannot read. What a repository far away says comes with
    /// `remote:` before it, and a disk that is full or forbids something has damaged nothing.
    var saysMirrorIsDamaged: Bool {
        let own = lines.filter { !$0.hasPrefix("remote:") }.joined(separator: "\n")
        let others = [
            "No space left", "too long", "Read-only file system", "Permission denied", "Unable to create",
            "does not appear to be a git repository",
        ]
        let signs = [
            "not a git repository: '", "is corrupt", "is empty", "bad object refs/", "unable to read tree",
            "broken ref", "missing blob", "inflate:",
        ]
        return signs.contains(where: own.contains) && !others.contains(where: own.contains)
    }

    /// Why git failed. Its own last word on a connection by ssh is only that there was none, and the cause stands in the
    /// lines before; of a server that refuses, the reason is what that says (`remote: …`). Hints may follow it.
    var cause: String {
        let lines = lines
        let last = lines.firstIndex {
            $0.hasPrefix("fatal: ") || $0.hasPrefix("error: ") || $0.hasPrefix("remote: ERROR")
        }
        guard let last else { return "\(lastLine) (\(exit))" }
        let before = lines[..<last].filter { !Self.isNoise($0) }
        if Self.empty.contains(where: lines[last].hasPrefix), !before.isEmpty {
            return before.suffix(2).joined(separator: " ")
        }
        guard let remote = before.last(where: { $0.hasPrefix("remote: ") }) else { return lines[last] }
        return "\(lines[last]) (\(remote))"
    }

    /// The first line that says something: what follows it, mostly follows from it.
    var firstLine: String { lines.first ?? "\(exit)" }

    private var lines: [String] {
        lastWords.split(whereSeparator: \.isNewline).filter { line in line.contains { !$0.isWhitespace } }
            .map(String.init)
    }

    /// Words of git's that say nothing of the cause.
    private static let empty = [
        "fatal: Could not read from remote repository", "fatal: the remote end hung up", "fatal: unable to fork",
    ]

    private static func isNoise(_ line: String) -> Bool {
        line.hasPrefix("@@@") || line.hasPrefix("Warning: Permanently added") || line == "remote: "
            || line.hasPrefix("warning: ")
    }
}

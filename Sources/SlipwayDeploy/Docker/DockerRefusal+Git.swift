extension DockerRefusal {
    /// What a build gets instead of a repository.
    static let adviceOnGit =
        "a build gets the commit's tree without .git: take the commit from the build args SLIPWAY_COMMIT or SOURCE_VERSION "
        + "(`ARG SLIPWAY_COMMIT` in the Dockerfile)"

    /// Whether a failed build looked for the repository that its context has not: by COPY, ADD or a mount, in the words of
    /// either builder, or by a program that it ran.
    static func missesGit(_ lines: [Substring]) -> Bool {
        let builders = [
            // BuildKit: `failed to compute cache key: "/.git/HEAD" not found`, in later versions with a colon.
            /"(?:[^"]*\/)?\.git(?:\/[^"]*)?":? not found/,
            // The first builder: `COPY failed: stat …/.git: no such file or directory`, later `file not found in build
            // context or excluded by .dockerignore: stat .git: file does not exist`.
            /(?:COPY|ADD) failed: (?:.* )?stat (?:\S*\/)?\.git(?:\/\S*)?: .*/,
        ]
        if let end = lines.last, builders.contains(where: { end.contains($0) }) { return true }
        let programs = [
            /fatal: not a git repository/,
            // Of cp, cat and the like: `cat: can't open '.git/HEAD': No such file or directory`.
            /: (?:[^:]* )?['"‘]?(?:[^\s'"‘]*\/)?\.git(?:\/[^\s:'"’]*)?['"’]?: No such file or directory/,
        ]
        return outputOfFailedCommand(lines).suffix(20).contains { line in programs.contains { line.contains($0) } }
    }

    /// What the command of a Dockerfile printed that ended the build.
    private static func outputOfFailedCommand(_ lines: [Substring]) -> [Substring] {
        if let error = lines.last(where: { $0.wholeMatch(of: /#\d+ ERROR: .*/) != nil }) {
            let step = error.prefix { $0 != " " } + " "
            return lines.filter { $0.hasPrefix(step) && $0 != error }
        }
        guard let end = lines.lastIndex(where: { $0.hasPrefix("The command '") }) else { return [] }
        let begin = lines[..<end].lastIndex { $0.hasPrefix("Step ") } ?? lines.startIndex
        return Array(lines[begin..<end])
    }
}

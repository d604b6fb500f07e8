package import SlipwayCore

/// Where a repository's branches and tags are, without fetching or writing anything.
extension Git: TipReader {
    /// Of `git ls-remote`: more than 100,000 refs of a usual length. A list that was cut off would read as deletions.
    static let mostBytes = 8 << 20

    /// - Throws: `GitError`, `CommandError`, `CancellationError`.
    package func tips(of app: App) async throws -> [Tip] {
        let url = CloneURL(app.cloneURL)
        let command = commands(app).listTips(of: url.text, authorization: authorization(for: url))
        let answer = try await asking(url) {
            try await runner.collect(command, limit: Self.mostBytes, within: .seconds(60))
        }
        guard answer.succeeded else { throw GitError.fetchFailed(url: url.text, words: answer.cause) }
        guard answer.output.count < Self.mostBytes else { throw GitError.tooManyRefs(url: url.text) }
        return Self.tips(in: answer.text)
    }

    /// Reads `COMMIT<TAB>REF` a line. An annotated tag has two: itself, and `REF^{}` for the commit it points to.
    static func tips(in text: String) -> [Tip] {
        var tips: [Tip] = []
        var places: [GitRef: Int] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, let commit = CommitID(String(parts[0])) else { continue }
            let isPeeled = parts[1].hasSuffix("^{}")
            guard let ref = GitRef(String(isPeeled ? parts[1].dropLast(3) : parts[1])) else { continue }
            if let place = places[ref] {
                if isPeeled { tips[place].commit = commit }
            } else {
                places[ref] = tips.count
                tips.append(Tip(ref: ref, commit: commit))
            }
        }
        return tips
    }
}

import SlipwayBase
package import SlipwayCore

/// Why git could not do what a job or a person asked; the description is the sentence for the job's reason.
package enum GitError: Error, Sendable {
    case cannotPrepareMirror(String)
    case fetchFailed(url: String, words: String)
    case unknownRef(String, url: String)
    /// The repository does not have it, or no longer on any branch or tag.
    case unreachable(CommitID, url: String)
    case notReadable(CommitID, words: String)
}

extension GitError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotPrepareMirror(let words):
            return "the mirror under the data folder cannot be made: \(words.singleLine())"
        case .fetchFailed(let url, let words):
            return "\(url.singleLine(limit: 200)) cannot be fetched: \(words.singleLine())\(hint(words))"
        case .unknownRef(let ref, let url):
            return "\(url.singleLine(limit: 200)) has no \(ref.singleLine(limit: 200)); push it and deploy again"
        case .unreachable(let commit, let url):
            return
                "no branch or tag of \(url.singleLine(limit: 200)) reaches commit \(commit); only pushed commits are built"
                + " (was it pushed over?)"
        case .notReadable(let commit, let words):
            return "commit \(commit.short) cannot be read from the mirror: \(words.singleLine())"
        }
    }

    private func hint(_ words: String) -> String {
        let said = words.lowercased()
        if said.contains("redirect") { return "; the repository has moved: put its new address into clone_url" }
        let refusals = ["could not read username", "authentication failed", "repository not found", "403", "401"]
        if refusals.contains(where: said.contains) {
            return "; if it is private, github.token must be allowed to read it"
        }
        if said.contains("permission denied (publickey") || said.contains("host key verification") {
            return "; the user that runs slipway needs an ssh key and the host in its known_hosts"
        }
        if said.contains("not allowed") && said.contains("transport") {
            return "; clone_url takes https, ssh and file"
        }
        return ""
    }
}

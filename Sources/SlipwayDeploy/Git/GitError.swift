import SlipwayBase
package import SlipwayCore

/// Why git could not do what a job or a person asked; the description is the sentence for the job's reason.
package enum GitError: Error, Sendable {
    case cannotPrepareMirror(String)
    case fetchFailed(url: String, words: String)
    case tooManyRefs(url: String)
    case unknownRef(String, url: String)
    /// A branch that a push named.
    case branchGone(String, url: String)
    /// The repository does not have it, or no longer on any branch or tag.
    case unreachable(CommitID, url: String)
    case notReadable(CommitID, words: String)
}

extension GitError {
    /// Whether the repository does not have what was asked for, now.
    var isAbsence: Bool {
        switch self {
        case .unknownRef, .branchGone, .unreachable: true
        case .cannotPrepareMirror, .fetchFailed, .tooManyRefs, .notReadable: false
        }
    }

    /// Whether the same may succeed a moment later: a network or a server in trouble.
    var isTransient: Bool {
        guard case .fetchFailed(let url, let words) = self else { return false }
        let said = words.replacing(url, with: "").lowercased()
        return [
            "could not resolve host", "failed to connect", "couldn't connect", "timed out", "connection reset",
            "early eof", "unexpected disconnect", "rpc failed", "returned error: 5", "returned error: 429",
        ].contains(where: said.contains)
    }
}

extension GitError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotPrepareMirror(let words):
            return "the mirror under the data folder cannot be made: \(words.singleLine())"
        case .fetchFailed(let url, let words):
            return "\(url.singleLine(limit: 200)) cannot be fetched: \(words.singleLine())\(hint(url, words))"
        case .tooManyRefs(let url):
            return
                "\(url.singleLine(limit: 200)) has more branches and tags than can be looked through; remove old ones"
        case .unknownRef(let ref, let url):
            return "\(url.singleLine(limit: 200)) has no \(ref.singleLine(limit: 200)); push it and deploy again"
        case .branchGone(let ref, let url):
            return
                "\(ref.singleLine(limit: 200)) is not in \(url.singleLine(limit: 200)): it was deleted after this push, "
                + "so there is nothing left to bring; should it be there again it is brought then, or deploy the "
                + "commit by hand"
        case .unreachable(let commit, let url):
            return
                "no branch or tag of \(url.singleLine(limit: 200)) reaches commit \(commit): it was pushed over, or never"
                + " pushed; deploy what is there now"
        case .notReadable(let commit, let words):
            return "commit \(commit.short) cannot be read from the mirror: \(words.singleLine())"
        }
    }

    private func hint(_ url: String, _ words: String) -> String {
        // Without the address: one with 403 in it is no refusal.
        let said = words.replacing(url, with: "").lowercased()
        if said.contains("redirect") { return "; the repository has moved: put its new address into clone_url" }
        let refusals = ["could not read username", "authentication failed", "not found", "error: 403", "error: 401"]
        if url.hasPrefix("https:"), refusals.contains(where: said.contains) {
            return "; check clone_url, and if it is private that github.token may read it"
        }
        if ["could not resolve host", "failed to connect", "couldn't connect"].contains(where: said.contains) {
            return "; check clone_url and this machine's network"
        }
        if said.contains("certificate") {
            return "; GIT_SSL_CAINFO in the server's environment names the root certificates that git trusts"
        }
        if said.contains("does not appear to be a git repository") || said.contains("does not exist") {
            return "; check clone_url"
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

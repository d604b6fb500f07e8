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
    /// As `unreachable`; but the repository has not all of its history.
    case notInShallow(CommitID, url: String)
    case notReadable(CommitID, words: String)
    /// Its tree is more than the configuration allows, or more than this machine can hold.
    case refused(CommitID, why: String)
    case notUnpacked(CommitID, words: String)
    case noAnswer(url: String, after: Duration)
}

extension GitError {
    /// Whether the repository does not have what was asked for, now.
    var isAbsence: Bool {
        switch self {
        case .unknownRef, .branchGone, .unreachable, .notInShallow: true
        case .cannotPrepareMirror, .fetchFailed, .tooManyRefs, .notReadable, .refused, .notUnpacked, .noAnswer: false
        }
    }

    /// Whether the same may succeed a moment later: a network or a server in trouble.
    var isTransient: Bool {
        guard case .fetchFailed(let url, let words) = self else { return false }
        let said = words.replacing(url, with: "").lowercased()
        return [
            "could not resolve host", "failed to connect", "couldn't connect", "timed out", "connection reset",
            "early eof", "unexpected disconnect", "rpc failed", "returned error: 5", "returned error: 429",
            "connection refused", "connection closed", "no route to host", "network is unreachable",
        ].contains(where: said.contains)
    }
}

extension GitError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotPrepareMirror(let words):
            return "the mirror under the data folder cannot be made: \(words.singleLine())"
        case .fetchFailed(let url, let words):
            return "\(url.singleLine(limit: 200)) cannot be fetched: \(words.singleLine())\(Self.hint(url, words))"
        case .tooManyRefs(let url):
            return
                "\(url.singleLine(limit: 200)) has more branches and tags than can be looked through; remove old ones"
        case .unknownRef(let ref, let url):
            return "\(url.singleLine(limit: 200)) has no \(ref.singleLine(limit: 200)); push it and deploy again"
        case .branchGone(let ref, let url):
            return
                "\(ref.singleLine(limit: 200)) is not in \(url.singleLine(limit: 200)): it was deleted after this push, "
                + "so there is nothing left to deploy; if it comes back it is deployed then, or deploy the commit by "
                + "hand"
        case .unreachable(let commit, let url):
            return
                "no branch or tag of \(url.singleLine(limit: 200)) reaches commit \(commit): it was pushed over, or never"
                + " pushed; deploy what is there now"
        case .notInShallow(let commit, let url):
            return
                "\(url.singleLine(limit: 200)) is shallow, and commit \(commit) is on no branch or tag in the part that it "
                + "has; run `git fetch --unshallow` there, or deploy what is there now"
        case .notReadable(let commit, let words):
            return "commit \(commit.short) cannot be read from the mirror: \(words.singleLine())"
        case .refused(let commit, let why):
            return "commit \(commit.short) is not unpacked: \(why)"
        case .notUnpacked(let commit, let words):
            let isFull = words.contains("No space left") || words.contains("quota exceeded")
            return "commit \(commit.short) cannot be unpacked: \(words.singleLine())"
                + (isFull ? "; free some room where server.data is, and deploy again" : "")
        case .noAnswer(let url, let limit):
            return
                "\(url.singleLine(limit: 200)) did not answer within \(limit.inWords); check clone_url, this machine's "
                + "network, and whether a firewall stands between"
        }
    }
}

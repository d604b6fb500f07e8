/// What `repository` may be: `owner/name`, or the repository's address as people copy it from GitHub or from git.
struct RepositoryAddress {
    /// `owner/name`.
    let fullName: String
    /// What git clones from, unless `clone_url` says otherwise.
    let cloneURL: String

    /// - Returns: nil for what names no repository.
    init?(_ text: String) {
        let (base, path) = Self.split(text)
        guard let match = path.wholeMatch(of: /([A-Za-z0-9][A-Za-z0-9_.-]*)\/+([A-Za-z0-9_.-]+?)(\.git)?\/*/) else {
            return nil
        }
        let name = match.output.2
        guard name != ".", name != "..", name != ".git" else { return nil }
        fullName = "\(match.output.1)/\(name)"
        cloneURL = "\(base)\(fullName).git"
    }

    /// - Returns: what stands before `owner/name` where git clones from, and the rest.
    private static func split(_ text: String) -> (base: String, path: Substring) {
        let ssh =
            /(?:git\+)?ssh:\/\/((?:[a-z0-9_][a-z0-9_.-]*@)?[a-z0-9][a-z0-9.-]*(?::[0-9]+)?)\/+/.ignoresCase()
        if let match = text.prefixMatch(of: ssh) {
            return ("ssh://\(match.output.1)/", text[match.range.upperBound...])
        }
        if let match = text.prefixMatch(of: /([a-z0-9_][a-z0-9_.-]*@[a-z0-9][a-z0-9.-]*):\/*/.ignoresCase()) {
            return ("\(match.output.1):", text[match.range.upperBound...])
        }
        // GitHub takes neither http nor git:// from git any more.
        if let match = text.prefixMatch(of: /(?:https?|git):\/\/([a-z0-9][a-z0-9.-]*(?::[0-9]+)?)\/+/.ignoresCase()) {
            return ("https://\(host(match.output.1))/", text[match.range.upperBound...])
        }
        // Before two segments, a first one with a dot in it is a host.
        if let match = text.prefixMatch(of: /([a-z0-9-]+(?:\.[a-z0-9-]+)+)\/+(?=[^\/]+\/+[^\/])/.ignoresCase()) {
            return ("https://\(host(match.output.1))/", text[match.range.upperBound...])
        }
        return ("https://github.com/", text[...])
    }

    private static func host(_ text: Substring) -> String {
        let host = text.lowercased()
        return host == "www.github.com" ? "github.com" : host
    }
}

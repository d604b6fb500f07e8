extension GitError {
    /// What to do about a repository that git cannot read.
    static func hint(_ url: String, _ words: String) -> String {
        // Without the address: one with 403 in it is not a refusal.
        let said = words.replacing(url, with: "").lowercased()
        func says(_ signs: String...) -> Bool { signs.contains(where: said.contains) }
        if says("not allowed"), says("transport") { return "; clone_url takes https, ssh and file" }
        if says("redirect") { return "; the repository has moved: put its new address into clone_url" }
        if url.hasPrefix("https:"),
            says("could not read username", "authentication failed", "not found", "error: 403", "error: 401")
        {
            return "; check clone_url, and if it is private that github.token may read it"
        }
        if let hint = sshHint(url, says) { return hint }
        if says("could not resolve host") { return "; check clone_url and this machine's name servers" }
        if says(
            "failed to connect", "couldn't connect", "connection refused", "timed out", "no route to host",
            "network is unreachable", "connection closed", "connection reset", "kex_exchange_identification")
        {
            return "; check clone_url (its host and port) and this machine's network"
        }
        if says("certificate") {
            return "; GIT_SSL_CAINFO in the server's environment names the root certificates that git trusts"
        }
        if says("dubious ownership") {
            return "; update git to 2.38 or newer, or give the repository to the user that runs slipway"
        }
        if says("permission denied", "unable to read") {
            return "; the user that runs slipway must be able to read the repository"
        }
        if says("does not appear to be a git repository", "does not exist") {
            return url.hasPrefix("file:")
                ? "; check clone_url, and that the user that runs slipway may see that folder (the systemd unit hides /home and "
                    + "/root)"
                : "; check clone_url"
        }
        return ""
    }

    private static func sshHint(_ url: String, _ says: (String...) -> Bool) -> String? {
        guard !url.contains("://") || url.hasPrefix("ssh:") else { return nil }
        let user = "~/.ssh of the user that runs slipway"
        if says("identification has changed", "host key for", "has changed and you have requested") {
            return
                "; the host's key is another one than known_hosts has: compare it with what the host's operator publishes, "
                + "then replace it in \(user)"
        }
        if says("host key verification", "host key is known") {
            return
                "; put the host's key into known_hosts in \(user) (`ssh-keyscan` prints it, to be compared with what the host's "
                + "operator publishes)"
        }
        if says("unable to negotiate", "no matching host key") {
            return
                "; the host and this machine's ssh have no algorithm in common: update that host, or allow its own in the "
                + "config in \(user)"
        }
        if says("bad permissions", "bad owner", "unprotected private key") {
            return "; the key and its folder may be readable by their owner only: chmod 600 and 700"
        }
        if says("permission denied", "too many authentication failures", "no such identity") {
            return
                "; put a private key that may read the repository into \(user), and its public key into the repository's "
                + "deploy keys"
        }
        if says("repository not found", "does not appear to be a git repository", "could not be found") {
            return "; check clone_url, and that the key in \(user) may read the repository"
        }
        if says("cannot run ssh", "ssh: not found", "ssh: no such file") { return "; install openssh-client" }
        return nil
    }
}

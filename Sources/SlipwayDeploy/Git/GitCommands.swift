import Foundation
import SlipwayBase
package import SlipwayCore

/// The git command lines, and nothing else.
///
/// Names reach git only as `GitRef` and `CommitID`, behind `--end-of-options` or `--`: a branch called
/// `--upload-pack=…` would run a command.
package struct GitCommands: Sendable {
    package var executable = "git"
    /// The bare mirror.
    package var mirror: String
    /// What `CommandEnvironment.git` gives.
    package var base: [String: String]

    package init(mirror: String, base: [String: String]) {
        self.mirror = mirror
        self.base = base
    }

    package func initialise() -> Command {
        // No template: it would add hooks.
        Command(
            executable, ["init", "--quiet", "--bare", "--template=", "--", mirror],
            environment: environment(settings: [("init.defaultBranch", "main")]))
    }

    /// Fetches every branch and tag of the repository into the mirror, and removes those that are gone.
    /// - Parameter isShallow: whether the mirror is, because the repository was; it follows when that gets more.
    package func fetch(_ url: String, authorization: GitAuthorization?, isShallow: Bool = false) -> Command {
        command(
            [
                "fetch", "--quiet", "--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
                "--no-auto-maintenance", "--force",
                // Of a shallow repository git takes nothing otherwise, and says so in a warning only.
                isShallow ? "--unshallow" : "--update-shallow",
            ] + Self.trust(url) + ["--", url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"], authorization)
    }

    /// Needs no mirror, and makes none.
    package func listHead(of url: String, authorization: GitAuthorization?) -> Command {
        Command(
            executable, ["ls-remote", "--quiet"] + Self.trust(url) + ["--", url, "HEAD"],
            environment: environment(settings: authorization?.settings ?? []), workingDirectory: "/")
    }

    /// All branches and tags, versions in their order. Needs no mirror, and makes none.
    package func listTips(of url: String, authorization: GitAuthorization?) -> Command {
        Command(
            executable,
            ["ls-remote", "--quiet", "--heads", "--tags", "--sort=version:refname"] + Self.trust(url)
                + ["--", url],
            environment: environment(settings: authorization?.settings ?? []), workingDirectory: "/")
    }

    package func commit(at ref: GitRef) -> Command { parse(ref.description) }

    /// - Parameter digits: hexadecimal only; four or more.
    package func commit(abbreviated digits: String) -> Command { parse(digits) }

    package func branchesAndTags(containing commit: CommitID) -> Command {
        command([
            "for-each-ref", "--count=1", "--contains=\(commit)", "--format=%(refname)", "refs/heads", "refs/tags",
        ])
    }

    /// Exit status 0: it is, or both are one; 1: it is not; others: the mirror lacks one of them.
    package func isAncestor(_ commit: CommitID, of other: CommitID) -> Command {
        command(["merge-base", "--is-ancestor", "--end-of-options", commit.description, other.description])
    }

    /// Message and author, NUL between them.
    package func describe(_ commit: CommitID) -> Command {
        command([
            "log", "-1", "--no-show-signature", "--no-color", "--encoding=UTF-8", "--format=%an%x00%B",
            "--end-of-options", commit.description, "--",
        ])
    }

    /// `commit`, or what a tag of something else leads to.
    package func type(at ref: GitRef) -> Command {
        command(["cat-file", "-t", "--end-of-options", ref.description + "^{}"])
    }

    /// Everything in the commit's tree in its order, with sizes; paths end in NUL.
    package func list(_ commit: CommitID) -> Command {
        // Folders too: trees may hold nothing but each other, many times.
        command(["ls-tree", "-r", "-t", "-l", "-z", "--full-tree", "--end-of-options", commit.description])
    }

    /// Exactly the commit's tree, as a tar file in which it is the folder `source`.
    package func archive(_ commit: CommitID, to file: String) -> Command {
        // 0022 gives files the modes of a checkout; archive's own default is group-writable.
        Command(
            executable,
            [
                "--git-dir", mirror, "archive", "--format=tar", "--prefix=source/", "--output=\(file)",
                "--end-of-options", commit.description,
            ],
            environment: environment(settings: [("tar.umask", "0022")]))
    }

    /// Packs what many fetches have left, if it is much; what was pushed over goes after two weeks. Refs stay as they are:
    /// a fetch meanwhile would take the lock of theirs for one that was left behind.
    package func pack() -> Command {
        Command(
            executable, ["--git-dir", mirror, "gc", "--auto", "--quiet"],
            environment: environment(settings: [
                ("gc.auto", "500"), ("gc.autoDetach", "false"), ("gc.packRefs", "false"),
            ]))
    }

    // MARK: What all have in common

    /// Whoever owns a repository on this machine: that the configuration names it is the trust that git asks for. git takes
    /// that word for the program that serves it from that program's own arguments, since 2.38, and from no environment.
    private static func trust(_ url: String) -> [String] {
        url.lowercased().hasPrefix("file:") ? ["--upload-pack=git -c 'safe.directory=*' upload-pack"] : []
    }

    private func parse(_ name: String) -> Command {
        // An annotated tag is an object of its own; ^{commit} is what it points to.
        command(["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"])
    }

    private func command(_ arguments: [String], _ authorization: GitAuthorization? = nil) -> Command {
        Command(
            executable, ["--git-dir", mirror] + arguments,
            environment: environment(settings: authorization?.settings ?? []))
    }

    /// - Parameter settings: git configuration that must not be seen in an argument list or written to a file.
    private func environment(settings: [(key: String, value: String)]) -> [String: String] {
        var environment = base
        // Neither the system's nor a user's configuration: aliases, rewrites (`insteadOf`), credential helpers and
        // filters of theirs would change what is fetched or run commands.
        environment["GIT_CONFIG_NOSYSTEM"] = "1"
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        environment["GIT_ATTR_NOSYSTEM"] = "1"
        environment["HOME"] = mirror
        environment["GIT_TERMINAL_PROMPT"] = "0"
        environment["GIT_ALLOW_PROTOCOL"] = "https:ssh:file"
        // Nobody is there to answer a question, and a host that is silent must not hold a job until its time limit.
        environment["GIT_SSH_COMMAND"] =
            "ssh -o BatchMode=yes -o ConnectTimeout=10 -o ServerAliveInterval=15 -o ServerAliveCountMax=4"
        let all = Self.settings + settings
        environment["GIT_CONFIG_COUNT"] = String(all.count)
        for (index, setting) in all.enumerated() {
            environment["GIT_CONFIG_KEY_\(index)"] = setting.key
            environment["GIT_CONFIG_VALUE_\(index)"] = setting.value
        }
        return environment
    }

    private static let settings: [(key: String, value: String)] = [
        ("gc.auto", "0"), ("maintenance.auto", "false"), ("core.hooksPath", "/dev/null"),
        // After a loss of power what was fetched is there whole or not at all.
        ("core.fsync", "committed,loose-object,reference"), ("transfer.fsckObjects", "false"),
        ("credential.helper", ""), ("core.askPass", ""),
        // Files that are larger go through git in pieces: it would hold each whole in memory.
        ("core.bigFileThreshold", "16m"),
        // A stalled server must not hold a job until its time limit.
        ("http.lowSpeedLimit", "1000"), ("http.lowSpeedTime", "60"),
    ]
}

/// How git proves who it is to one origin, and to no other.
package struct GitAuthorization: Sendable {
    /// `https://host[:port]`.
    let origin: String
    /// `user:password`.
    let login: Secret

    var settings: [(key: String, value: String)] {
        let basic = Data(login.revealed.utf8).base64EncodedString()
        return [
            ("http.\(origin)/.extraHeader", "Authorization: Basic \(basic)"),
            // git would send the header after a redirect too.
            ("http.\(origin)/.followRedirects", "false"),
        ]
    }
}

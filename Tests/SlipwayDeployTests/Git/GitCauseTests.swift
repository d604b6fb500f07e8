import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Why a repository cannot be read: git's and ssh's own words, and what to do.
struct GitCauseTests {
    static let rights = "\nPlease make sure you have the correct access rights\nand the repository exists.\n"
    static let lost = "fatal: Could not read from remote repository.\n" + rights
    static let ssh = "ssh://git@git.example.com/o/a.git"
    static let https = "https://git.example.com/o/a.git"

    /// What git and ssh print, the cause, and what the advice speaks of.
    @Test(arguments: [
        (ssh, "Host key verification failed.\n" + lost, "Host key verification failed.", "known_hosts"),
        (
            ssh,
            """
            No ED25519 host key is known for [127.0.0.1]:2222 and you have requested strict checking.
            Host key verification failed.

            """ + lost,
            "No ED25519 host key is known for [127.0.0.1]:2222 and you have requested strict checking. Host key verification "
                + "failed.", "ssh-keyscan"
        ),
        (
            ssh,
            """
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
            @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
            @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
            IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
            Offending ED25519 key in /var/lib/slipway/.ssh/known_hosts:1
            Host key for git.example.com has changed and you have requested strict checking.
            Host key verification failed.

            """ + lost,
            "Host key for git.example.com has changed and you have requested strict checking. Host key verification failed.",
            "is another one than known_hosts has"
        ),
        (
            "git@github.com:o/a.git", "git@github.com: Permission denied (publickey).\n" + lost,
            "git@github.com: Permission denied (publickey).", "deploy keys"
        ),
        (
            ssh,
            "Warning: Permanently added 'h' (ED25519) to the list of known hosts.\ngit@h: Permission denied (publickey,password).\n"
                + lost, "git@h: Permission denied (publickey,password).", "deploy keys"
        ),
        (
            ssh,
            "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa\n"
                + lost,
            "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found.", "algorithm"
        ),
        (
            ssh, "ssh: connect to host git.example.com port 22: Connection refused\n" + lost,
            "ssh: connect to host git.example.com port 22: Connection refused", "host and port"
        ),
        (
            ssh, "ssh: connect to host git.example.com port 22: Connection timed out\n" + lost,
            "ssh: connect to host git.example.com port 22: Connection timed out", "network"
        ),
        (
            ssh, "ssh: Could not resolve hostname git.example.com: Name or service not known\n" + lost,
            "ssh: Could not resolve hostname git.example.com: Name or service not known", "name servers"
        ),
        (
            ssh,
            "kex_exchange_identification: Connection closed by remote host\nConnection closed by 192.0.2.1 port 22\n"
                + lost,
            "kex_exchange_identification: Connection closed by remote host Connection closed by 192.0.2.1 port 22",
            "network"
        ),
        (
            "git@github.com:o/a.git", "ERROR: Repository not found.\n" + lost, "ERROR: Repository not found.",
            "may read the repository"
        ),
        (
            ssh, "error: cannot run ssh: No such file or directory\nfatal: unable to fork\n",
            "error: cannot run ssh: No such", "openssh-client"
        ),
        (
            ssh, "Bad owner or permissions on /var/lib/slipway/.ssh/config\n" + lost,
            "Bad owner or permissions on /var/lib/slipway/.ssh/config", "chmod"
        ),
        (
            https,
            "remote: Invalid username or password.\nfatal: Authentication failed for 'https://git.example.com/o/a.git/'\n",
            "fatal: Authentication failed for 'https://git.example.com/o/a.git/' (remote: Invalid username or password.)",
            "github.token"
        ),
        (
            https, "remote: Repository not found.\nfatal: repository 'https://git.example.com/o/a.git/' not found\n",
            "fatal: repository 'https://git.example.com/o/a.git/' not found (remote: Repository not found.)",
            "github.token"
        ),
        (
            https,
            "fatal: unable to access 'https://git.example.com/o/a.git/': Could not resolve host: git.example.com\n",
            "fatal: unable to access 'https://git.example.com/o/a.git/': Could not resolve host", "name servers"
        ),
        (
            https,
            "fatal: unable to access 'https://git.example.com/o/a.git/': Failed to connect to git.example.com port 443 after 1 ms: "
                + "Couldn't connect to server\n", "fatal: unable to access", "host and port"
        ),
        (
            https,
            "fatal: unable to access 'https://git.example.com/o/a.git/': server certificate verification failed. CAfile: none\n",
            "fatal: unable to access", "GIT_SSL_CAINFO"
        ),
        (
            "file:///srv/a.git",
            "fatal: detected dubious ownership in repository at '/srv/a.git'\nTo add an exception for this directory, call:\n\n"
                + "\tgit config --global --add safe.directory /srv/a.git\n" + lost,
            "fatal: detected dubious ownership in repository at '/srv/a.git'", "2.38"
        ),
        (
            "file:///home/me/a.git", "fatal: '/home/me/a.git' does not appear to be a git repository\n" + lost,
            "fatal: '/home/me/a.git' does not appear to be a git repository", "hides /home"
        ),
    ])
    func `the cause stands in the reason, with what to do`(
        _ url: String, _ printed: String, _ cause: String, _ advice: String
    ) {
        let words = CommandResult(exit: .code(128), tail: Array(printed.utf8)).cause
        #expect(words.hasPrefix(cause))
        let reason = "\(GitError.fetchFailed(url: url, words: words))"
        #expect(reason.hasPrefix("\(url) cannot be fetched: \(cause)"))
        #expect(reason.split(separator: "; ").last?.contains(advice) == true, "\(reason)")
    }

    @Test func `a refused connection is asked again, a key that is refused is not`() {
        func isTransient(_ words: String) -> Bool { GitError.fetchFailed(url: Self.ssh, words: words).isTransient }
        #expect(isTransient("ssh: connect to host h port 22: Connection refused"))
        #expect(isTransient("ssh: connect to host h port 22: Connection timed out"))
        #expect(!isTransient("git@h: Permission denied (publickey)."))
        #expect(!isTransient("Host key verification failed."))
    }

    // MARK: Real ones

    private func git(_ app: App, _ data: TemporaryFolder) -> Git {
        Git(
            data: data.path, configuration: Current(Samples.configuration(data: data.path, apps: [app])), patience: [])
    }

    private func app(_ url: String) -> App { App(name: "my_app", repository: "owner/my_app", cloneURL: url) }

    @Test func `check, a look and a job say that ssh was refused`() async throws {
        // Nothing listens on port 1.
        let app = app("ssh://git@127.0.0.1:1/a.git")
        let data = try TemporaryFolder()
        let git = git(app, data)
        let wanted =
            "ssh://git@127.0.0.1:1/a.git cannot be fetched: ssh: connect to host 127.0.0.1 port 1: Connection refused; "
        for ask in [
            { try await git.check(app, within: .seconds(600)) }, { _ = try await git.tips(of: app) },
            {
                _ = try await git.find(
                    Samples.plan, followingBranch: true, app: app, log: MemoryLogBook().stepLog(.checkout))
            },
        ] as [@Sendable () async throws -> Void] {
            let error = await #expect(throws: GitError.self) { try await ask() }
            #expect("\(try #require(error))".hasPrefix(wanted), "\(String(describing: error))")
        }
    }

    @Test func `a host that is silent is named`() async throws {
        let data = try TemporaryFolder()
        let app = app("https://git.example.com/a.git")
        let error = await #expect(throws: GitError.self) {
            try await git(app, data).asking(CloneURL(app.cloneURL)) {
                throw CommandError.timedOut("git", after: .seconds(5))
            }
        }
        #expect(
            "\(try #require(error))".hasPrefix(
                "https://git.example.com/a.git did not answer within 5 s; check clone_url"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a repository to another user"))
    func `a repository on this machine that another user owns is read`() async throws {
        let repository = try await GitRepository()
        let commit = try await repository.commit("one", files: ["file": "1"])
        let data = try TemporaryFolder()
        let bare = data.path + "/bare.git"
        try await repository.git("clone", "--quiet", "--bare", ".", bare)
        // A bare one and one with a work tree.
        for path in [bare, repository.folder.path] {
            let given = try await CommandRunner().collect(
                Command("chown", ["-R", "65534:65534", path], environment: CommandEnvironment.git()))
            try #require(given.succeeded)
            let app = app("file://" + path)
            let git = git(app, data)
            try await git.check(app, within: .seconds(600))
            #expect(try await git.tips(of: app).map(\.commit) == [commit])
            #expect(try await git.resolve("main", app: app)?.commit.id == commit)
        }
    }

    @Test func `a shallow repository is read, and what it lacks is named so`() async throws {
        let origin = try await GitRepository()
        let first = try await origin.commit("one", files: ["file": "1"])
        let second = try await origin.commit("two", files: ["file": "2"])
        let data = try TemporaryFolder()
        let shallow = data.path + "/shallow"
        try await origin.git("clone", "--quiet", "--depth=1", origin.url, shallow)
        let app = app("file://" + shallow)
        let git = git(app, data)
        #expect(try await git.resolve("main", app: app)?.commit.id == second)
        let error = await #expect(throws: GitError.self) {
            try await git.find(
                Samples.plan(target: nil, commit: first), followingBranch: false, app: app,
                log: MemoryLogBook().stepLog(.checkout))
        }
        #expect("\(try #require(error))".contains("is shallow"), "\(String(describing: error))")
        // It goes on from there, even once the rest has been fetched.
        try await CommandRunner().collectGit(shallow, "fetch", "--quiet", "--unshallow")
        #expect(try await git.resolve(first.description, app: app)?.commit.id == first)
    }

    // MARK: Refs

    @Test func `a branch whose name begins with a dash is one like others`() async throws {
        let repository = try await GitRepository()
        let commit = try await repository.commit("one", files: ["file": "1"])
        let app = app(repository.url)
        let data = try TemporaryFolder()
        let git = git(app, data)
        for name in ["-dash", "--all", "-"] {
            try await repository.git("update-ref", "refs/heads/" + name, commit.description)
            #expect(try await git.resolve(name, app: app)?.ref == "refs/heads/" + name)
        }
        let plan = Samples.plan(target: nil, ref: "refs/heads/-dash", commit: commit)
        let found = try await git.find(plan, followingBranch: true, app: app, log: MemoryLogBook().stepLog(.checkout))
        #expect(found.id == commit)
    }

    @Test func `a tag of a tree or a file says that it is one, by hand and in a job`() async throws {
        let repository = try await GitRepository()
        let commit = try await repository.commit("one", files: ["file": "1"])
        try await repository.git("tag", "tree", "HEAD^{tree}")
        try await repository.git("tag", "--annotate", "--message", "m", "noted", "HEAD^{tree}")
        try await repository.git("tag", "--annotate", "--message", "m", "of-tag", "noted")
        try await repository.git("tag", "blob", "HEAD:file")
        try await repository.git("tag", "--annotate", "--message", "m", "good", "HEAD")
        try await repository.git("tag", "--annotate", "--message", "m", "better", "good")
        let app = app(repository.url)
        let data = try TemporaryFolder()
        let git = git(app, data)
        for (tag, what) in [("tree", "a tree"), ("noted", "a tree"), ("of-tag", "a tree"), ("blob", "a blob")] {
            let byHand = await #expect(throws: RefIsNoCommit.self) { try await git.resolve(tag, app: app) }
            let object = CommitID(try await repository.git("rev-parse", tag))
            // With the object that a delivery or a look names, and without.
            for named in [object, nil] {
                let inJob = await #expect(throws: RefIsNoCommit.self) {
                    try await git.find(
                        Samples.plan(.tag, target: nil, ref: "refs/tags/" + tag, commit: named), followingBranch: false,
                        app: app, log: MemoryLogBook().stepLog(.checkout))
                }
                #expect("\(try #require(inJob))" == "\(try #require(byHand))")
            }
            #expect("\(try #require(byHand))".hasPrefix("refs/tags/\(tag) is a tag of \(what) ("))
        }
        #expect(try await git.resolve("better", app: app)?.commit.id == commit)
        // A branch of that name counts before.
        try await repository.git("branch", "tree")
        #expect(try await git.resolve("tree", app: app)?.commit.id == commit)
    }
}

extension CommandRunner {
    fileprivate func collectGit(_ folder: String, _ arguments: String...) async throws {
        let result = try await collect(
            Command("git", ["-C", folder] + arguments, environment: CommandEnvironment.git()))
        try #require(result.succeeded, "\(result.lastWords)")
    }
}

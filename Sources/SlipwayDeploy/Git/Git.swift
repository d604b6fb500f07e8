import Foundation
package import SlipwayBase
package import SlipwayCore
import SlipwayNet

/// The repositories, each as a bare mirror of its branches and tags under `mirrors/` of the data folder.
///
/// Every question is answered from the mirror after a fetch: the repository is the truth, a delivery only a hint.
package struct Git: Sendable {
    let folder: String
    let configuration: Current<Configuration>
    let runner: CommandRunner
    let base: [String: String]
    private let patience: [Duration]
    let locks = AsyncLock<String>()

    /// - Parameters:
    ///   - data: the server's data folder. One `Git` a folder: its locks keep two fetches of one mirror apart.
    ///   - patience: how long to wait before each further look for a commit that a delivery named and the repository
    ///     does not show yet; GitHub's servers copy among themselves.
    package init(
        data: String, configuration: Current<Configuration>, runner: CommandRunner = CommandRunner(),
        base: [String: String] = CommandEnvironment.git(),
        patience: [Duration] = [.seconds(1), .seconds(2), .seconds(4)]
    ) {
        folder = data + "/mirrors"
        self.configuration = configuration
        self.runner = runner
        self.base = base
        self.patience = patience
    }

    /// Fetches, and finds the commit of a plan.
    /// - Parameter followingBranch: whether that is the tip of the plan's branch, wherever the plan's own commit is.
    /// - Throws: `GitError`, `CommandError`, `CancellationError`.
    package func find(_ plan: Plan, followingBranch: Bool, app: App, log: StepLog) async throws -> Commit {
        let git = commands(app)
        let url = CloneURL(app.cloneURL)
        let commit = try await locks.withLock(app.name) {
            if followingBranch, let branch = GitRef(plan.trigger.ref) {
                return try await locateTip(of: branch, plan.commit.id, url, git, log)
            }
            return try await locate(plan, url, git, log)
        }
        return try await describe(commit, git)
    }

    /// Whether a commit that was found is a strict ancestor of another; false even if the mirror lacks that one.
    package func isAncestor(_ commit: CommitID, of other: CommitID, app: App) async throws -> Bool {
        guard commit != other else { return false }
        return try await runner.collect(commands(app).isAncestor(commit, of: other)).succeeded
    }

    /// What is known of a commit without asking the repository; nil when the mirror does not have it.
    package func remembered(_ commit: CommitID, app: App) async -> Commit? {
        try? await describe(commit, commands(app))
    }

    private func locate(_ plan: Plan, _ url: CloneURL, _ git: GitCommands, _ log: StepLog) async throws -> CommitID {
        let commit = try await fetch(url, git, log) {
            guard let commit = try await commitNamed(by: plan, git), try await isReachable(commit, git) else {
                return nil
            }
            return commit
        }
        if let commit { return commit }
        if let ref = GitRef(plan.trigger.ref), let object = try await objectInsteadOfCommit(at: ref, git) {
            throw RefIsNoCommit(ref: ref, object: object)
        }
        if let commit = plan.commit.id {
            throw isShallow(git)
                ? GitError.notInShallow(commit, url: url.text) : GitError.unreachable(commit, url: url.text)
        }
        throw GitError.unknownRef(plan.trigger.ref, url: url.text)
    }

    /// - Parameter pushed: the commit that a delivery named; until it is there, the tip may be one from before.
    private func locateTip(
        of branch: GitRef, _ pushed: CommitID?, _ url: CloneURL, _ git: GitCommands, _ log: StepLog
    ) async throws -> CommitID {
        let tip = try await fetch(url, git, log) {
            guard let tip = try await id(git.commit(at: branch)) else { return nil }
            guard let pushed, pushed != tip else { return tip }
            return try await isReachable(pushed, git) ? tip : nil
        }
        if let tip { return tip }
        // It was pushed over.
        if let tip = try await id(git.commit(at: branch)) { return tip }
        throw GitError.branchGone(branch.description, url: url.text)
    }

    /// Fetches until there is an answer, or patience is at its end.
    private func fetch(
        _ url: CloneURL, _ git: GitCommands, _ log: StepLog, until answer: () async throws -> CommitID?
    ) async throws -> CommitID? {
        var waits = patience[...]
        while true {
            await log.line("Fetching \(url.text.singleLine(limit: 200))")
            var trouble = "Not there yet"
            do {
                try await fetch(url, git, log: log)
                if let commit = try await answer() { return commit }
            } catch let error as GitError where error.isTransient && !waits.isEmpty {
                trouble = "\(error)"
            }
            guard let wait = waits.popFirst()?.jittered else { return nil }
            await log.line("\(trouble); looking again in \(wait.inWords)")
            try await Task.sleep(for: wait)
        }
    }

    private func commitNamed(by plan: Plan, _ git: GitCommands) async throws -> CommitID? {
        if let commit = plan.commit.id { return commit }
        if let ref = GitRef(plan.trigger.ref) { return try await id(git.commit(at: ref)) }
        return CommitID(plan.trigger.ref)
    }
}

// MARK: - Questions

extension Git: RefResolver {
    package func resolve(_ ref: String, app: App) async throws -> (ref: String, commit: Commit)? {
        let git = commands(app)
        let url = CloneURL(app.cloneURL)
        return try await locks.withLock(app.name) {
            try await fetch(url, git, log: nil)
            // A bare name is a branch before it is a tag, as in `when: {push: …}`.
            let names = [GitRef(ref), GitRef(.branch, ref), GitRef(.tag, ref)].compactMap { $0 }
            var odd: RefIsNoCommit?
            for name in names {
                if let commit = try await id(git.commit(at: name)) {
                    return (name.description, try await describe(commit, git))
                }
                if let object = try await objectInsteadOfCommit(at: name, git) {
                    odd = odd ?? RefIsNoCommit(ref: name, object: object)
                }
            }
            if let odd { throw odd }
            let digits = ref.lowercased()
            guard (7...64).contains(digits.utf8.count), digits.utf8.allSatisfy({ $0.hexDigitValue != nil }) else {
                return nil
            }
            guard let commit = try await id(git.commit(abbreviated: digits)), try await isReachable(commit, git) else {
                return nil
            }
            return (commit.description, try await describe(commit, git))
        }
    }
}

extension Git {
    private func id(_ command: Command) async throws -> CommitID? {
        let answer = try await runner.collect(command)
        return CommitID(String(answer.text.prefix { !$0.isNewline }))
    }

    /// What a ref names where it is no commit: `tree`, `blob`; nil where it is one, or there is no such ref.
    private func objectInsteadOfCommit(at ref: GitRef, _ git: GitCommands) async throws -> String? {
        let answer = try await runner.collect(git.type(at: ref))
        let type = String(answer.text.prefix { !$0.isNewline })
        return answer.succeeded && type != "commit" ? type : nil
    }

    private func isReachable(_ commit: CommitID, _ git: GitCommands) async throws -> Bool {
        let answer = try await runner.collect(git.branchesAndTags(containing: commit))
        // It fails on a commit that the mirror does not have.
        return answer.succeeded && !answer.output.isEmpty
    }

    private func describe(_ commit: CommitID, _ git: GitCommands) async throws -> Commit {
        let answer = try await runner.collect(git.describe(commit), limit: 65_536)
        guard answer.succeeded else { throw GitError.notReadable(commit, words: answer.lastLine) }
        let parts = answer.output.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
        let message = parts.count > 1 ? String(decoding: parts[1], as: UTF8.self) : ""
        return Commit(
            id: commit, message: String(message.reversed().drop(while: \.isNewline).reversed()),
            author: String(decoding: parts[0], as: UTF8.self))
    }

    /// Whether an app's repository can be read, without fetching or writing anything.
    /// - Parameter limit: less than `slipway check` waits for an answer, for it would not say what was asked.
    /// - Throws: `GitError`, `CommandError`, `CancellationError`.
    package func check(_ app: App, within limit: Duration = .seconds(4)) async throws {
        let url = CloneURL(app.cloneURL)
        let command = commands(app).listHead(of: url.text, authorization: authorization(for: url))
        try await asking(url) {
            let answer = try await runner.collect(command, within: limit)
            guard answer.succeeded else { throw GitError.fetchFailed(url: url.text, words: answer.cause) }
        }
    }

    /// A repository that does not answer is named, and not the program that waited for it.
    func asking<Value: Sendable>(_ url: CloneURL, _ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch CommandError.timedOut(_, let limit) {
            throw GitError.noAnswer(url: url.text, after: limit)
        }
    }

    // MARK: The mirror

    func commands(_ app: App) -> GitCommands {
        GitCommands(mirror: "\(folder)/\(app.name).git", base: base)
    }

    /// - Parameter log: nil where nobody watches.
    private func fetch(_ url: CloneURL, _ git: GitCommands, log: StepLog?) async throws {
        if !FileManager.default.fileExists(atPath: git.mirror + "/HEAD") {
            try await begin(git) { _ in }
        }
        sweepLocks(git.mirror)
        let fetched = try await fetchOnce(url, git, log)
        if fetched.succeeded { return }
        guard fetched.saysMirrorIsDamaged else { throw GitError.fetchFailed(url: url.text, words: fetched.cause) }
        try await remakeMirror(git, url, fetched, log)
    }

    private func fetchOnce(_ url: CloneURL, _ git: GitCommands, _ log: StepLog?) async throws -> CommandResult {
        let command = git.fetch(url.text, authorization: authorization(for: url), isShallow: isShallow(git))
        return try await asking(url) {
            if let log { return try await runner.stream(command, to: log, within: .seconds(600)) }
            return try await runner.collect(command, within: .seconds(300))
        }
    }

    private func isShallow(_ git: GitCommands) -> Bool {
        FileManager.default.fileExists(atPath: git.mirror + "/shallow")
    }

    /// For a mirror that a loss of power has damaged. The old one stays until the new one is whole.
    func remakeMirror(_ git: GitCommands, _ url: CloneURL, _ failure: CommandResult, _ log: StepLog?) async throws {
        await log?.line("the mirror is damaged (\(failure.cause.singleLine())); making it again")
        try await begin(git) { new in
            let fetched = try await fetchOnce(url, new, log)
            guard fetched.succeeded else { throw GitError.fetchFailed(url: url.text, words: fetched.cause) }
        }
        sweepLocks(git.mirror)
    }

    /// Beside its place, since git writes HEAD first: one that was killed then would leave what looks like a mirror.
    private func begin(_ git: GitCommands, fill: (GitCommands) async throws -> Void) async throws {
        let files = FileManager.default
        let new = GitCommands(mirror: git.mirror + ".begun", base: base)
        try? files.removeItem(atPath: new.mirror)
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let made = try await runner.collect(new.initialise())
        guard made.succeeded else { throw GitError.cannotPrepareMirror(made.lastLine) }
        try await fill(new)
        try? files.removeItem(atPath: git.mirror)
        try files.moveItem(atPath: new.mirror, toPath: git.mirror)
    }

    /// Locks that a killed git left behind; nobody else works here, this mirror's lock is ours.
    private func sweepLocks(_ mirror: String) {
        let files = FileManager.default
        for name in ["HEAD.lock", "config.lock", "packed-refs.lock", "shallow.lock"] {
            try? files.removeItem(atPath: mirror + "/" + name)
        }
        guard let refs = files.enumerator(atPath: mirror + "/refs") else { return }
        for case let name as String in refs where name.hasSuffix(".lock") {
            try? files.removeItem(atPath: mirror + "/refs/" + name)
        }
    }

    /// A login in the clone URL counts before GitHub's token, which goes to GitHub and nowhere else.
    func authorization(for url: CloneURL) -> GitAuthorization? {
        guard let origin = url.origin else { return nil }
        if let login = url.login { return GitAuthorization(origin: origin, login: login) }
        let github = configuration.value.github
        guard let token = github.token, url.host == Self.cloneHost(of: github.apiURL) else { return nil }
        return GitAuthorization(origin: origin, login: Secret("x-access-token:" + token.revealed))
    }

    /// `api.github.com` is for `github.com`; an enterprise server has both under one name.
    private static func cloneHost(of apiURL: String) -> String? {
        let host = URLComponents(string: apiURL)?.host?.lowercased()
        return host == "api.github.com" ? "github.com" : host
    }
}

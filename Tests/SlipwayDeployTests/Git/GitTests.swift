import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Real git on real repositories.
struct GitTests {
    let data: TemporaryFolder
    let work: TemporaryFolder
    let repository: GitRepository
    let git: Git
    let app: App
    let book = MemoryLogBook()

    init() async throws {
        data = try TemporaryFolder()
        work = try TemporaryFolder()
        repository = try await GitRepository()
        app = App(name: "my_app", repository: "owner/my_app", cloneURL: repository.url)
        let configuration = Samples.configuration(data: data.path, apps: [app], token: "ghp_0123456789abcdef")
        git = Git(data: data.path, configuration: Current(configuration), patience: [.milliseconds(1)])
    }

    private func checkOut(_ ref: String, _ commit: CommitID?) async throws -> Commit {
        let found = try await find(ref, commit, followingBranch: false)
        try await git.export(try #require(found.id), app: app, into: work.path)
        return found
    }

    private func find(_ ref: String, _ commit: CommitID?, followingBranch: Bool) async throws -> Commit {
        try await git.find(
            Samples.plan(target: nil, ref: ref, commit: commit), followingBranch: followingBranch, app: app,
            log: book.stepLog(.checkout))
    }

    @Test func `checks out exactly the commit that was asked for, not the branch's head`() async throws {
        let first = try await repository.commit("one\n\nbody", files: ["file": "1", "sub/run.sh": "#!/bin/sh\n"])
        _ = try await repository.commit("two", files: ["file": "2"])
        let commit = try await checkOut("refs/heads/main", first)
        #expect(commit.id == first)
        #expect(commit.message == "one\n\nbody")
        #expect(commit.subject == "one")
        #expect(commit.author == "Ada Lovelace")
        #expect(try work.read("source/file") == "1")
        #expect(work.has("source/sub/run.sh"))
        #expect(!work.has("source/.git"))
        #expect(!work.has("source.tar"))
    }

    @Test(arguments: ["only HEAD", "empty objects", "an empty ref"])
    func `a mirror that a kill or a loss of power has damaged is made again`(_ what: String) async throws {
        let first = try await repository.commit("one", files: ["file": "1"])
        _ = try await find("refs/heads/main", first, followingBranch: true)
        let mirror = data.path + "/mirrors/my_app.git"
        let files = FileManager.default
        switch what {
        case "only HEAD":
            for name in try files.contentsOfDirectory(atPath: mirror) where name != "HEAD" {
                try files.removeItem(atPath: mirror + "/" + name)
            }
        case "empty objects":
            for case let name as String in try #require(files.enumerator(atPath: mirror + "/objects"))
            where name.hasPrefix("info") == false && name.utf8.count == 41 {
                try files.setAttributes([.posixPermissions: 0o600], ofItemAtPath: mirror + "/objects/" + name)
                try Data().write(to: URL(filePath: mirror + "/objects/" + name))
            }
        default: try Data().write(to: URL(filePath: mirror + "/refs/heads/main"))
        }
        let second = try await repository.commit("two", files: ["file": "2"])
        #expect(try await find("refs/heads/main", second, followingBranch: true).id == second)
        #expect(book.text(.checkout).contains("slipway: the mirror is damaged ("))
    }

    @Test func `a damaged file that no fetch looks at is found when it is needed`() async throws {
        let commit = try await repository.commit("one", files: ["file": "1"])
        _ = try await find("refs/heads/main", commit, followingBranch: true)
        let blob = try await repository.git("rev-parse", "HEAD:file")
        let path = data.path + "/mirrors/my_app.git/objects/\(blob.prefix(2))/\(blob.dropFirst(2))"
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        try Data().write(to: URL(filePath: path))
        try await git.export(commit, app: app, into: work.path)
        #expect(try work.read("source/file") == "1")
    }

    @Test func `what many fetches leave in a mirror is packed, and the mirrors of other apps go`() async throws {
        func loose() async throws -> Int {
            let folders = try FileManager.default.contentsOfDirectory(atPath: data.path + "/mirrors/my_app.git/objects")
            return try folders.filter { $0.utf8.count == 2 }.reduce(0) {
                try $0
                    + FileManager.default.contentsOfDirectory(
                        atPath: data.path + "/mirrors/my_app.git/objects/" + $1
                    ).count
            }
        }
        var last: CommitID?
        // Few enough at a time that git keeps each fetch's objects as files.
        for number in 1...15 {
            let files = (1...80).map { ("file-\($0)", "\(number) \($0)") }
            last = try await repository.commit("\(number)", files: Dictionary(uniqueKeysWithValues: files))
            _ = try await find("refs/heads/main", last, followingBranch: true)
        }
        #expect(try await loose() > 1000)
        try data.write("x", to: "mirrors/gone.git/HEAD")
        try await git.tidy([app])
        #expect(try await loose() == 0)
        #expect(!data.has("mirrors/gone.git"))
        #expect(try await find("refs/heads/main", last, followingBranch: true).id == last)
    }

    @Test func `finds the commit of a lightweight and of an annotated tag`() async throws {
        let commit = try await repository.commit("one", files: ["file": "1"])
        try await repository.git("tag", "light")
        try await repository.git("tag", "--annotate", "--message", "release", "v1.0")
        #expect(try await checkOut("refs/tags/v1.0", nil).id == commit)
        #expect(try await checkOut("refs/tags/light", nil).id == commit)
    }

    @Test func `refuses a commit that was pushed over`() async throws {
        _ = try await repository.commit("one", files: ["file": "1"])
        let gone = try await repository.commit("two", files: ["file": "2"])
        _ = try await checkOut("refs/heads/main", gone)
        try await repository.git("reset", "--quiet", "--hard", "HEAD~1")
        _ = try await repository.commit("two again", files: ["file": "3"])
        let error = await #expect(throws: GitError.self) { try await checkOut("refs/heads/main", gone) }
        #expect("\(try #require(error))".contains("no branch or tag of \(repository.url) reaches commit \(gone)"))
    }

    @Test func `refuses a commit that only a pull request holds`() async throws {
        _ = try await repository.commit("one", files: ["file": "1"])
        try await repository.git("checkout", "--quiet", "--detach")
        let foreign = try await repository.commit("evil", files: ["file": "evil"])
        try await repository.git("update-ref", "refs/pull/1/head", foreign.description)
        try await repository.git("checkout", "--quiet", "main")
        await #expect(throws: GitError.self) { try await checkOut("refs/heads/main", foreign) }
    }

    @Test func `a network in trouble is asked again, a refusal is not`() async throws {
        let repository = try await GitRepository()
        let commit = try await repository.commit("one", files: ["file": "1"])
        for (words, isTransient) in [
            ("unable to access 'https://x/': Could not resolve host: x", true),
            ("unable to access 'https://x/': The requested URL returned error: 503", true),
            ("Authentication failed for 'https://x/'", false),
        ] {
            // A git that cannot fetch the first time.
            let folder = try TemporaryFolder()
            try folder.write(
                """
                #!/bin/sh
                case " $* " in *" fetch "*)
                    if [ ! -e \(folder.path)/tried ]; then
                        echo >\(folder.path)/tried
                        echo "fatal: \(words)" >&2
                        exit 128
                    fi
                esac
                PATH=/usr/local/bin:/usr/bin:/bin exec git "$@"

                """, to: "git")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/git")
            var base = CommandEnvironment.git()
            base["PATH"] = folder.path + ":" + (base["PATH"] ?? "")
            let app = App(name: "my_app", repository: "owner/my_app", cloneURL: repository.url)
            let git = Git(
                data: folder.path + "/data",
                configuration: Current(Samples.configuration(data: folder.path, apps: [app])),
                base: base, patience: [.milliseconds(1)])
            let book = MemoryLogBook()
            let found = try? await git.find(
                Samples.plan(target: nil, commit: commit), followingBranch: false, app: app, log: book.stepLog())
            #expect((found?.id == commit) == isTransient, "\(words)")
            #expect(book.text(.test).contains("looking again in") == isTransient)
        }
    }

    @Test func `looks again for a commit that the repository shows a moment later`() async throws {
        _ = try await repository.commit("one", files: ["file": "1"])
        try await repository.git("checkout", "--quiet", "--detach")
        let late = try await repository.commit("two", files: ["file": "2"])
        let patient = Git(
            data: data.path, configuration: Current(Samples.configuration(data: data.path, apps: [app])),
            patience: Array(repeating: .milliseconds(20), count: 200))
        let task = Task {
            try await patient.find(
                Samples.plan(target: nil, commit: late), followingBranch: true, app: app, log: book.stepLog(.checkout))
        }
        try await book.waitFor("Not there yet", in: .checkout)
        try await repository.git("branch", "--force", "main", late.description)
        #expect(try await task.value.id == late)
    }

    @Test func `follows a branch to its tip, forwards and back, and says that it is gone`() async throws {
        let first = try await repository.commit("one", files: ["file": "1"])
        let second = try await repository.commit("two", files: ["file": "2"])
        #expect(try await find("refs/heads/main", first, followingBranch: true).id == second)
        #expect(try await find("refs/heads/main", nil, followingBranch: true).id == second)
        try await repository.git("reset", "--quiet", "--hard", "HEAD~1")
        let third = try await repository.commit("three", files: ["file": "3"])
        #expect(try await find("refs/heads/main", second, followingBranch: true).message == "three")
        try await repository.git("checkout", "--quiet", "-b", "next")
        try await repository.git("branch", "--quiet", "--delete", "--force", "main")
        let error = await #expect(throws: GitError.self) {
            try await find("refs/heads/main", third, followingBranch: true)
        }
        guard case .branchGone("refs/heads/main", url: repository.url) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `knows which of two commits came first`() async throws {
        let first = try await repository.commit("one", files: ["file": "1"])
        let second = try await repository.commit("two", files: ["file": "2"])
        _ = try await checkOut("refs/heads/main", second)
        #expect(try await git.isAncestor(first, of: second, app: app))
        #expect(try await !git.isAncestor(second, of: first, app: app))
        #expect(try await !git.isAncestor(first, of: first, app: app), "strictly")
        #expect(try await !git.isAncestor(first, of: Samples.commit, app: app), "of one that nobody has")
    }

    @Test func `the tree is the commit's, whatever its attributes say`() async throws {
        _ = try await repository.commit(
            "one",
            files: [
                ".gitattributes":
                    "test export-ignore\nversion export-subst ident\nwide text eol=crlf ident working-tree-encoding=UTF-32\n",
                "test/a": "1", "version": "$Format:%H$ $Id$",
            ])
        // Not by `git add`, which would convert it.
        try repository.folder.write("$Id$\n", to: "wide")
        let blob = try await repository.git("hash-object", "-w", "--no-filters", "wide")
        try await repository.git("update-index", "--add", "--cacheinfo", "100644,\(blob),wide")
        try await repository.git("commit", "--quiet", "--message", "two")
        let commit = try #require(CommitID(try await repository.git("rev-parse", "HEAD")))
        _ = try await checkOut("refs/heads/main", commit)
        #expect(try work.read("source/test/a") == "1")
        #expect(try work.read("source/version") == "$Format:%H$ $Id$")
        #expect(try work.read("source/wide") == "$Id$\n")
    }

    @Test func `a killed git's locks do not stop the next`() async throws {
        let commit = try await repository.commit("one", files: ["file": "1"])
        _ = try await checkOut("refs/heads/main", commit)
        for lock in ["packed-refs.lock", "config.lock", "refs/heads/main.lock", "HEAD.lock"] {
            try data.write("", to: "mirrors/my_app.git/" + lock)
        }
        let next = try await repository.commit("two", files: ["file": "2"])
        #expect(try await checkOut("refs/heads/main", next).id == next)
    }

    @Test func `no hook of anybody's runs, and no token is stored`() async throws {
        let commit = try await repository.commit("one", files: ["file": "1"])
        _ = try await checkOut("refs/heads/main", commit)
        #expect(!data.has("mirrors/my_app.git/hooks/update.sample"))
        let config = try data.read("mirrors/my_app.git/config")
        #expect(!config.contains("ghp_") && !config.contains("extraHeader"))
    }

    @Test func `says what is wrong with a repository that is not there`() async throws {
        let lost = App(name: "lost", repository: "owner/lost", cloneURL: "file:///nowhere/lost.git")
        let error = await #expect(throws: GitError.self) {
            try await git.find(Samples.plan, followingBranch: true, app: lost, log: book.stepLog(.checkout))
        }
        #expect("\(try #require(error))".hasPrefix("file:///nowhere/lost.git cannot be fetched: fatal: "))
    }

    @Test(arguments: [
        (
            "https://github.com/o/a.git", "fatal: could not read Username for 'https://github.com': terminal prompts",
            true
        ),
        ("https://github.com/o/a.git", "fatal: repository 'https://github.com/o/a.git/' not found", true),
        ("https://github.com/o/a.git", "fatal: unable to access '…': The requested URL returned error: 403", true),
        ("file:///srv/app-440333/a", "fatal: '/srv/app-440333/a' does not appear to be a git repository", false),
        (
            "https://host/403.git", "fatal: unable to access 'https://host/403.git/': Could not resolve host: host",
            false
        ),
    ])
    func `speaks of the token only where it may help`(_ url: String, _ words: String, _ isToken: Bool) {
        let sentence = "\(GitError.fetchFailed(url: url, words: words))"
        #expect(sentence.contains("github.token") == isToken, "\(sentence)")
        #expect(sentence.contains("check clone_url"))
    }

    @Test(arguments: ["http://127.0.0.1:1/x.git", "ext::sh -c touch%20/tmp/x", "git://127.0.0.1/x.git"])
    func `speaks https, ssh and file only`(_ url: String) async throws {
        let other = App(name: "other", repository: "owner/other", cloneURL: url)
        let error = await #expect(throws: GitError.self) { try await git.resolve("main", app: other) }
        #expect("\(try #require(error))".contains("clone_url takes https, ssh and file"))
    }

    // MARK: Refs that a person gives

    @Test func `resolves a branch, a tag, a full ref and a commit, long or short`() async throws {
        let first = try await repository.commit("one", files: ["file": "1"])
        try await repository.git("tag", "--annotate", "--message", "release", "v1.0")
        let second = try await repository.commit("two", files: ["file": "2"])
        func resolved(_ ref: String) async throws -> String? {
            try await git.resolve(ref, app: app).map {
                "\($0.ref) \($0.commit.id?.description ?? "") \($0.commit.subject)"
            }
        }
        #expect(try await resolved("main") == "refs/heads/main \(second) two")
        #expect(try await resolved("v1.0") == "refs/tags/v1.0 \(first) one")
        #expect(try await resolved("refs/tags/v1.0") == "refs/tags/v1.0 \(first) one")
        #expect(try await resolved(first.description) == "\(first) \(first) one")
        #expect(try await resolved(first.short) == "\(first) \(first) one")
        #expect(try await resolved(first.short.uppercased()) == "\(first) \(first) one")
    }

    @Test(arguments: [
        "nope", "refs/heads/nope", "--upload-pack=touch x", "--all", "HEAD", "main~1", "main@{0}", "@", "abc", "-", "",
        "0123456789abcdef0123456789abcdef01234567", "0123456",
    ])
    func `knows no other ref`(_ ref: String) async throws {
        _ = try await repository.commit("one", files: ["file": "1"])
        #expect(try await git.resolve(ref, app: app) == nil)
    }

    @Test func `many at once wait for each other's fetch`() async throws {
        let commit = try await repository.commit("one", files: ["file": "1"])
        try await withThrowingTaskGroup(of: CommitID?.self) { group in
            for _ in 0..<6 { group.addTask { try await git.resolve("main", app: app)?.commit.id } }
            for try await found in group { #expect(found == commit) }
        }
    }
}

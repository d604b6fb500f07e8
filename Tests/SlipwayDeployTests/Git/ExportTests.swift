import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// A commit's tree as files: what it is made of, what it may take, what it lacks.
struct ExportTests {
    /// One repository, a mirror of it, and a folder to unpack in.
    struct Place {
        let data: TemporaryFolder
        let work: TemporaryFolder
        let repository: GitRepository
        let configuration: Current<Configuration>
        let git: Git
        let app: App

        init(_ change: (inout ServerSettings.Checkout) -> Void = { _ in }) async throws {
            data = try TemporaryFolder()
            work = try TemporaryFolder()
            repository = try await GitRepository()
            app = App(name: "my_app", repository: "owner/my_app", cloneURL: repository.url)
            var settings = Samples.configuration(data: data.path, apps: [app])
            change(&settings.server.checkout)
            configuration = Current(settings)
            git = Git(data: data.path, configuration: configuration, patience: [])
        }

        @discardableResult
        func export(_ commit: CommitID) async throws -> TreeSurvey {
            _ = try await git.find(
                Samples.plan(target: nil, commit: commit), followingBranch: false, app: app,
                log: MemoryLogBook().stepLog(.checkout))
            return try await git.export(commit, app: app, into: work.path)
        }

        /// The sentence with which an export is refused.
        func refusal(_ commit: CommitID) async throws -> String {
            let error = await #expect(throws: GitError.self) { try await export(commit) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: work.path) == [], "nothing is unpacked")
            return "\(try #require(error))"
        }

        /// A commit of a tree that git itself would not make.
        func commit(tree: String) async throws -> CommitID {
            let id = try await repository.git("commit-tree", "-m", "odd", tree)
            try await repository.git("update-ref", "refs/heads/main", id)
            return try #require(CommitID(id))
        }

        /// A tree of entries as `git mktree` reads them, `MODE TYPE OBJECT<TAB>NAME` a line.
        func tree(_ entries: String...) async throws -> String {
            try data.write(entries.map { $0 + "\n" }.joined(), to: "entries")
            let result = try await CommandRunner().collect(
                Command(
                    "sh", ["-c", "git mktree --missing <\"$0\"", data.path + "/entries"],
                    environment: CommandEnvironment.git(), workingDirectory: repository.folder.path))
            try #require(result.succeeded, "\(result.lastWords)")
            return String(result.text.prefix { !$0.isNewline })
        }

        /// `MODE KIND TIME PATH -> LINK` a line, of what was unpacked and of the folder itself.
        func listing() async throws -> [Substring] {
            let found = try await CommandRunner().collect(
                Command(
                    "find", [work.path + "/source", "-printf", "%m %y %T@ %P -> %l\\n"],
                    environment: CommandEnvironment.git()))
            return found.text.split(separator: "\n").sorted()
        }
    }

    // MARK: Modes, links, times

    /// In a process of its own: a umask is a process's, and so is a user.
    @Test(arguments: [0o077, 0o000, 0o027])
    func `what is unpacked depends on the commit alone, under any umask`(_ mask: mode_t) async {
        await #expect(processExitsWith: .success) { [mask = mask as mode_t] in
            umask(mask)
            try await ExportTests.unpackSample()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root can become another user"))
    func `what is unpacked depends on the commit alone, as another user than root and in a setgid folder`()
        async throws
    {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        try #require(chown(folder.path, 65534, 65534) == 0)
        await #expect(processExitsWith: .success) { [folder = folder.path as String] in
            // The usual one may be root's alone.
            setenv("TMPDIR", folder, 1)
            setgroups(0, nil)
            try #require(setgid(65534) == 0 && setuid(65534) == 0)
            umask(0o077)
            try await ExportTests.unpackSample { work in
                chmod(work, 0o2770)
            }
        }
    }

    private static func unpackSample(_ prepare: (String) -> Void = { _ in }) async throws {
        let place = try await Place()
        prepare(place.work.path)
        let folder = place.repository.folder
        try folder.write("#!/bin/sh\n", to: "bin/start")
        chmod(folder.path + "/bin/start", 0o700)
        try folder.write("secret", to: "config/deep/er/private")
        chmod(folder.path + "/config/deep/er/private", 0o600)
        try folder.write("odd", to: " -rf\t\"ü ")
        for (link, place) in [
            ("absolute", "/etc/passwd"), ("dangling", "nowhere"), ("up", "../../outside"), ("in", "bin"),
        ] {
            try FileManager.default.createSymbolicLink(atPath: folder.path + "/" + link, withDestinationPath: place)
        }
        try await place.repository.git("add", "--all")
        try await place.repository.git("update-index", "--add", "--cacheinfo", "160000,\(Samples.commit),vendor/module")
        try await place.repository.git("commit", "--quiet", "--message", "one", "--date", "2001-02-03T04:05:06Z")
        let head = try #require(CommitID(try await place.repository.git("rev-parse", "HEAD")))
        let time = try await place.repository.git("log", "-1", "--format=%ct")
        try await place.export(head)
        let wanted = [
            "644 f %  -rf\t\"ü  -> ", "755 d %  -> ", "755 d % bin -> ", "755 d % config -> ",
            "755 d % config/deep -> ",
            "755 d % config/deep/er -> ", "644 f % config/deep/er/private -> ", "755 f % bin/start -> ",
            "777 l % absolute -> /etc/passwd", "777 l % dangling -> nowhere", "777 l % in -> bin",
            "777 l % up -> ../../outside", "755 d % vendor -> ", "755 d % vendor/module -> ",
        ]
        #expect(
            try await place.listing().map(String.init)
                == wanted.map { $0.replacing("%", with: "\(time).0000000000", maxReplacements: 1) }.sorted())
    }

    @Test func `an empty commit is an empty folder`() async throws {
        let place = try await Place()
        let nothing = try await place.repository.commit("nothing")
        try await place.export(nothing)
        #expect(try await place.listing().count == 1)
    }

    // MARK: What is not in it

    @Test func `says which files are in Git LFS and which folders are submodules`() async throws {
        let place = try await Place()
        let pointer = """
            version https://git-lfs.github.com/spec/v1
            oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393
            size 12345

            """
        var files = ["read.me": "version https://git-lfs.github.com/spec/v1 is the first line of a pointer\n" + pointer]
        for number in 1...5 { files["img/\(number).png"] = pointer }
        _ = try await place.repository.commit("one", files: files)
        try FileManager.default.createSymbolicLink(
            atPath: place.repository.folder.path + "/link", withDestinationPath: "img/1.png")
        try await place.repository.git("add", "--all")
        try await place.repository.git("update-index", "--add", "--cacheinfo", "160000,\(Samples.commit),vendor/module")
        try await place.repository.git("commit", "--quiet", "--message", "two")
        let commit = try #require(CommitID(try await place.repository.git("rev-parse", "HEAD")))
        let notes = try await place.export(commit).notes
        #expect(
            notes == [
                "5 files are Git LFS pointers (img/1.png, img/2.png, img/3.png and 2 more): tests and image get the pointer and "
                    + "not the content, because Slipway does not follow LFS; commit the content itself, or fetch it in the "
                    + "Dockerfile",
                "1 submodule is an empty folder (vendor/module) in tests and image, because Slipway does not follow submodules; "
                    + "commit the files themselves, or fetch them in the Dockerfile",
            ])
        #expect(try place.work.read("source/img/1.png") == pointer)
    }

    @Test(arguments: [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:\(digest)\nsize 0\n", true),
        ("version https://hawser.github.com/spec/v1\noid sha256:\(digest)\nsize 9", true),
        (
            "version https://git-lfs.github.com/spec/v1\next-0-foo sha256:\(digest)\noid sha256:\(digest)\nsize 9\n",
            true
        ),
        ("version https://git-lfs.github.com/spec/v1\nsize 9\n", false),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 9\n", false),
        ("# version https://git-lfs.github.com/spec/v1\noid sha256:\(digest)\nsize 9\n", false), ("", false),
    ])
    func `knows a pointer`(_ text: String, _ isOne: Bool) {
        #expect(LFSPointer.isOne(Array(text.utf8)) == isOne)
    }

    private static let digest = String(repeating: "0a", count: 32)

    // MARK: What it may take

    @Test func `a few objects that stand for very many bytes are not unpacked`() async throws {
        let place = try await Place { $0.bytes = 100_000_000 }
        _ = try await place.repository.commit("one", files: ["file": String(repeating: "0", count: 1_000_000)])
        var tree = try await place.repository.git("rev-parse", "HEAD^{tree}")
        for _ in 1...3 {
            tree = try await place.tree(
                "040000 tree \(tree)\ta", "040000 tree \(tree)\tb", "040000 tree \(tree)\tc", "040000 tree \(tree)\td",
                "040000 tree \(tree)\te")
        }
        let refusal = try await place.refusal(try await place.commit(tree: tree))
        #expect(refusal.contains("its 280 files and folders are 125000000 bytes, the largest file a/a/a/file 1000000"))
        #expect(refusal.contains("server.checkout.bytes allows 100000000"))
        place.configuration.value.server.checkout.bytes = 125_000_000
        try await place.export(try #require(CommitID(try await place.repository.git("rev-parse", "main"))))
        #expect(place.work.has("source/e/e/e/file"))
    }

    /// Of each kind 10^20 of them: they cannot be counted, only no longer counted.
    @Test(.endsIfItHangs, arguments: ["files", "empty folders"])
    func `trees that hold each other very often cost no more than the bound`(_ what: String) async throws {
        let place = try await Place { $0.files = 2000 }
        _ = try await place.repository.commit("one", files: ["file": ""])
        var tree =
            try await what == "files"
            ? place.repository.git("rev-parse", "HEAD^{tree}") : place.tree()
        for _ in 1...20 {
            let (mode, id) = ("040000 tree", tree)
            tree = try await place.tree(
                "\(mode) \(id)\t0", "\(mode) \(id)\t1", "\(mode) \(id)\t2", "\(mode) \(id)\t3", "\(mode) \(id)\t4",
                "\(mode) \(id)\t5", "\(mode) \(id)\t6", "\(mode) \(id)\t7", "\(mode) \(id)\t8", "\(mode) \(id)\t9")
        }
        let refusal = try await place.refusal(try await place.commit(tree: tree))
        #expect(refusal.contains("it has more than 2000 files and folders, the bound that server.checkout.files sets"))
    }

    @Test func `paths that this machine cannot hold, or that no git makes, are named`() async throws {
        let place = try await Place()
        _ = try await place.repository.commit("one", files: ["file": ""])
        let blob = try await place.repository.git("rev-parse", "HEAD:file")
        let long = try await place.tree("100644 blob \(blob)\t" + String(repeating: "n", count: 256))
        #expect(try await place.refusal(try await place.commit(tree: long)).contains("is too long for this machine"))
        var deep = try await place.tree("100644 blob \(blob)\tfile")
        for _ in 1...20 { deep = try await place.tree("040000 tree \(deep)\t" + String(repeating: "d", count: 250)) }
        #expect(try await place.refusal(try await place.commit(tree: deep)).contains("is too long for this machine"))
        let inner = try await place.tree("100644 blob \(blob)\tfile")
        for name in ["..", ".git", ".GIT"] {
            let odd = try await place.tree("040000 tree \(inner)\t\(name)")
            #expect(try await place.refusal(try await place.commit(tree: odd)).contains("is malformed"), "\(name)")
        }
    }

    @Test func `reads a listing however it arrives`() {
        let text =
            "100644 blob 0123    12\ta b\tc\u{0}120000 blob 0123       3\tl\u{0}160000 commit 0123       -\ts\u{0}"
        let whole: [(TreeEntry.Kind, Int64, String)] = [(.file, 12, "a b\tc"), (.link, 3, "l"), (.submodule, 0, "s")]
        for size in 1...text.utf8.count {
            var listing = TreeListing()
            var entries: [TreeEntry] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                entries += listing.take(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(entries.map(\.kind) == whole.map(\.0))
            #expect(entries.map(\.bytes) == whole.map(\.1))
            #expect(entries.map { String(decoding: $0.path, as: UTF8.self) } == whole.map(\.2))
        }
    }
}

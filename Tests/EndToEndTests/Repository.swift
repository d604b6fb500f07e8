import Foundation
import Testing

/// A git repository that stands where GitHub's would, and the deliveries that GitHub would send for it.
struct Repository: Sendable {
    let folder: URL
    /// `owner/name`.
    let fullName: String

    /// Makes one of an example's files.
    init(of example: URL, named fullName: String, in parent: URL) async throws {
        self.fullName = fullName
        folder = parent.appendingPathComponent(fullName.replacing("/", with: "-"))
        try FileManager.default.copyItem(at: example, to: folder)
        _ = try await git("init", "--quiet", "--initial-branch=main")
        _ = try await commit("Begin")
    }

    /// Commits everything there is and returns the commit's id.
    @discardableResult
    func commit(_ message: String) async throws -> String {
        _ = try await git("add", "--all")
        _ = try await git("commit", "--quiet", "--allow-empty", "--message", message)
        return try await git("rev-parse", "HEAD")
    }

    func write(_ text: String, to path: String, executable: Bool = false) throws {
        let file = folder.appendingPathComponent(path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        if executable {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        }
    }

    func replace(_ text: String, with other: String, in path: String) throws {
        let file = folder.appendingPathComponent(path)
        let before = try String(contentsOf: file, encoding: .utf8)
        try #require(before.contains(text))
        try write(before.replacing(text, with: other), to: path)
    }

    /// Gives `examples/hello` a command that counts, so that something can happen meanwhile.
    func lengthenBuild(seconds: Int) throws {
        let count = "for i in $(seq \(seconds * 10)); do echo building $i; sleep 0.1; done"
        try replace("USER 1000", with: "RUN \(count)\nUSER 1000", in: "Dockerfile")
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
        return try await run("git", identity + arguments, in: folder).text()
    }

    /// The body of a push delivery for the commit that a ref names now, with the fields GitHub sends of it.
    func pushPayload(ref: String) async throws -> Data {
        let commit = try await git("rev-parse", "\(ref)^{commit}")
        let message = try await git("log", "-1", "--format=%B", commit)
        return try JSONSerialization.data(withJSONObject: [
            "ref": ref, "before": String(repeating: "0", count: 40), "after": commit,
            "created": false, "deleted": false, "forced": false,
            "head_commit": ["id": commit, "message": message, "author": ["name": "Ada", "email": "ada@example.com"]],
            "repository": ["id": 4711, "name": "notes", "full_name": fullName, "private": true],
            "pusher": ["name": "ada"], "sender": ["login": "ada"],
        ])
    }

    /// The body of the delivery for a release that was published.
    func releasePayload(tag: String) throws -> Data {
        try JSONSerialization.data(withJSONObject: [
            "action": "published", "release": ["tag_name": tag, "name": "Release \(tag)"],
            "repository": ["id": 4711, "name": "notes", "full_name": fullName, "private": true],
            "sender": ["login": "ada"],
        ])
    }
}

import Foundation
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// A real repository that a test pushes to.
struct GitRepository: Sendable {
    let folder: TemporaryFolder
    var url: String { "file://" + folder.path }

    init() async throws {
        folder = try TemporaryFolder()
        try await git("init", "--quiet", "--initial-branch=main")
    }

    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        var environment = CommandEnvironment.git()
        environment["HOME"] = folder.path
        environment["GIT_CONFIG_GLOBAL"] = "/dev/null"
        for role in ["AUTHOR", "COMMITTER"] {
            environment["GIT_\(role)_NAME"] = "Ada Lovelace"
            // Two tests in one second must not make one and the same commit: images are named after it.
            environment["GIT_\(role)_EMAIL"] = "\(UUID().uuidString)@example.com"
        }
        let command = Command("git", arguments, environment: environment, workingDirectory: folder.path)
        let result = try await CommandRunner().collect(command)
        try #require(result.succeeded, "\(command): \(result.lastWords)")
        return String(result.text.prefix { !$0.isNewline })
    }

    func commit(_ message: String, files: [String: String] = [:]) async throws -> CommitID {
        for (name, text) in files { try folder.write(text, to: name) }
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "--message", message)
        return try #require(CommitID(try await git("rev-parse", "HEAD")))
    }
}

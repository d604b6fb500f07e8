import Foundation
import SlipwayBase
import SlipwayDeploy
import TestSupport
import Testing

@testable import slipway

/// What is pushed while the real server is down.
@Suite(.endsIfItHangs) struct CatchUpTests {
    private let data: TemporaryFolder
    private let repository: TemporaryFolder

    init() throws {
        data = try TemporaryFolder()
        repository = try TemporaryFolder()
    }

    @discardableResult
    private func git(_ arguments: String...) async throws -> String {
        var environment = ["PATH": "/usr/bin:/bin", "HOME": repository.path, "GIT_CONFIG_GLOBAL": "/dev/null"]
        for role in ["AUTHOR", "COMMITTER"] {
            environment["GIT_\(role)_NAME"] = "Ada"
            environment["GIT_\(role)_EMAIL"] = "ada@example.com"
        }
        let command = Command("git", arguments, environment: environment, workingDirectory: repository.path)
        let result = try await CommandRunner().collect(command)
        try #require(result.succeeded, "\(command): \(result.lastWords)")
        return result.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func commit(_ message: String) async throws -> String {
        try await git("commit", "--quiet", "--allow-empty", "--message", message)
        return try await git("rev-parse", "HEAD")
    }

    private func start() async throws -> RunningServer {
        try await RunningServer(
            RunningServer.configuration().replacing("file:///nowhere/at/all", with: "file://" + repository.path)
                .replacing(#"when: {push: ["**"]}"#, with: #"when: {push: ["**"], tag: ["v*"]}"#), in: data)
    }

    private func jobs(_ server: RunningServer) async throws -> [String] {
        let answer = try await server.get("/jobs")
        let page = try JSONDecoder().decode(Page.self, from: Data(answer.text.utf8))
        return page.jobs.map { "\($0.trigger.kind) \($0.trigger.ref) \($0.commit.sha ?? "-") \($0.state)" }.sorted()
    }

    private struct Page: Decodable {
        var jobs: [Job]

        struct Job: Decodable {
            var state: String
            var trigger: Trigger
            var commit: Commit
        }

        struct Trigger: Decodable {
            var kind: String
            var ref: String
        }

        struct Commit: Decodable {
            var sha: String?
        }
    }

    @Test func `what is pushed while the server is down is deployed once, of a branch the newest`() async throws {
        try await git("init", "--quiet", "--initial-branch=main")
        _ = try await commit("one")
        try await git("tag", "v1")

        // The first start deploys nothing of what is there.
        let first = try await start()
        #expect(try await first.post("/pause") == 200)
        _ = try await first.line(containing: "hello: 2 branches and tags are as they are")
        #expect(try await jobs(first).isEmpty)
        await first.process.stop(within: .seconds(600))

        let tagged = try await commit("two")
        try await git("tag", "--annotate", "--message", "release", "v2")
        let newest = try await commit("three")
        let second = try await start()
        let queued = [
            "catch-up refs/heads/main \(newest) queued", "catch-up refs/tags/v2 \(tagged) queued",
        ]
        _ = try await second.line(containing: "ref=refs/tags/v2 ")
        #expect(try await jobs(second) == queued)
        await second.process.stop(within: .seconds(600))

        // What the next start finds shows that it has looked, and that it made nothing twice.
        try await git("branch", "zeta", tagged)
        let third = try await start()
        _ = try await third.line(containing: "ref=refs/heads/zeta ")
        #expect(try await jobs(third) == (queued + ["catch-up refs/heads/zeta \(tagged) queued"]).sorted())
        // Whether the worker has looked for an engine by then is a matter of time, and there is none here.
        let warnings = third.lines.value.filter { $0.contains("level=warning") }
        #expect(warnings.filter { !$0.lowercased().contains("docker") } == [])
        await third.process.stop(within: .seconds(600))
    }
}

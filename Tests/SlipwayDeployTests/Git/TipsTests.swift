import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

struct TipsTests {
    private func git(_ app: App, data: String) -> Git {
        Git(data: data, configuration: Current(Samples.configuration(data: data, apps: [app])))
    }

    @Test func `lists branches and tags of a real repository, versions in their order`() async throws {
        let data = try TemporaryFolder()
        let repository = try await GitRepository()
        let app = App(name: "my_app", repository: "owner/my_app", cloneURL: repository.url)
        let git = git(app, data: data.path)
        #expect(try await git.tips(of: app).isEmpty)

        let first = try await repository.commit("one")
        for tag in ["v10", "v2"] { try await repository.git("tag", tag) }
        try await repository.git("branch", "feature/login")
        let second = try await repository.commit("two")
        try await repository.git("tag", "--annotate", "--message", "release", "v1")
        // Neither a branch nor a tag.
        try await repository.git("update-ref", "refs/pull/1/head", first.description)
        let tips = try await git.tips(of: app).map { "\($0.ref) \($0.commit.short)" }
        #expect(
            tips == [
                "refs/heads/feature/login \(first.short)", "refs/heads/main \(second.short)",
                // The commit, not the tag's object.
                "refs/tags/v1 \(second.short)", "refs/tags/v2 \(first.short)", "refs/tags/v10 \(first.short)",
            ])
        #expect(!data.has("mirrors"))
    }

    @Test func `says why a repository cannot be asked`() async throws {
        let data = try TemporaryFolder()
        let app = App(name: "my_app", repository: "owner/my_app", cloneURL: "file:///nowhere/at/all")
        let error = await #expect(throws: GitError.self) { try await git(app, data: data.path).tips(of: app) }
        #expect("\(try #require(error))".contains("file:///nowhere/at/all cannot be fetched"))
    }

    @Test func `asks a private repository with the token, which stands in no argument list`() async throws {
        let data = try TemporaryFolder()
        let server = try await PrivateRepository()
        let commit = try await server.repository.commit("one")
        try await server.serve { url in
            let app = App(name: "my_app", repository: "owner/my_app", cloneURL: url)
            var configuration = Samples.configuration(data: data.path, apps: [app], token: server.token)
            configuration.github.apiURL = url.replacing("/owner/my_app.git", with: "/api/v3")
            var environment = CommandEnvironment.git()
            environment["GIT_SSL_CAINFO"] = server.certificate
            let git = Git(data: data.path, configuration: Current(configuration), base: environment)
            let main = try #require(GitRef(.branch, "main"))
            #expect(try await git.tips(of: app) == [Tip(ref: main, commit: commit)])
            let seen = server.whatWasSeen.arguments
            #expect(seen.contains { $0.contains("ls-remote") })
            #expect(!seen.contains { $0.contains(server.token) || $0.contains(server.login) })
        }
    }

    @Test func `what is no branch, no tag or no commit is left out`() {
        let one = String(repeating: "1", count: 40)
        let two = String(repeating: "2", count: 40)
        let tips = Git.tips(
            in: """
                \(one)\trefs/heads/main
                \(one)\tHEAD
                \(one)\trefs/heads/--upload-pack=evil
                \(one)\trefs/heads/a..b
                \(one)\trefs/pull/1/head
                not a commit\trefs/heads/other
                \(one)\trefs/tags/v1
                \(one)\trefs/tags/v1-rc
                \(two)\trefs/tags/v1^{}
                \(one)
                """)
        #expect(
            tips.map { "\($0.ref) \($0.commit)" } == [
                "refs/heads/main \(one)", "refs/heads/--upload-pack=evil \(one)", "refs/tags/v1 \(two)",
                "refs/tags/v1-rc \(one)",
            ])
    }

    @Test func `the command names nothing but the URL, and the token is not in it`() throws {
        let git = GitCommands(mirror: "/m", base: ["PATH": "/usr/bin"])
        let login = GitAuthorization(origin: "https://github.com", login: Secret("x-access-token:ghp_0123456789"))
        let command = git.listTips(of: "https://github.com/owner/my_app.git", authorization: login)
        #expect(
            command.description
                == "git ls-remote --quiet --heads --tags --sort=version:refname -- https://github.com/owner/my_app.git")
        #expect(command.workingDirectory == "/")
        #expect(command.environment.values.contains { $0.hasPrefix("Authorization: Basic ") })
    }
}

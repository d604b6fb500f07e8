import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// Real git over real TLS from a server that wants a token.
struct PrivateCloneTests {
    private let data: TemporaryFolder
    private let work: TemporaryFolder
    private let book = MemoryLogBook()

    init() throws {
        data = try TemporaryFolder()
        work = try TemporaryFolder()
    }

    private func checkOut(
        _ commit: CommitID, from url: String, of server: PrivateRepository, token: String?
    ) async throws -> Commit {
        let app = App(name: "my_app", repository: "owner/my_app", cloneURL: url)
        var configuration = Samples.configuration(data: data.path, apps: [app], token: token)
        configuration.github.apiURL = url.replacing("/owner/my_app.git", with: "/api/v3")
        var environment = CommandEnvironment.git()
        environment["GIT_SSL_CAINFO"] = server.certificate
        let git = Git(data: data.path, configuration: Current(configuration), base: environment, patience: [])
        let found = try await git.find(
            Samples.plan(target: nil, commit: commit), followingBranch: true, app: app, log: book.stepLog(.checkout))
        try await git.export(commit, app: app, into: work.path)
        return found
    }

    @Test func `clones by the token, which stands in no argument list, no file and no log`() async throws {
        let server = try await PrivateRepository()
        let commit = try await server.repository.commit("one", files: ["file": "1"])
        try await server.serve { url in
            #expect(try await checkOut(commit, from: url, of: server, token: server.token).id == commit)
            #expect(try work.read("source/file") == "1")

            let seen = server.whatWasSeen
            #expect(seen.statuses.contains(200))
            #expect(seen.arguments.contains { $0.contains("remote-https") && $0.contains(url) })
            for secret in [server.token, server.login] {
                #expect(!seen.arguments.contains { $0.contains(secret) })
                #expect(!book.text(.checkout).contains(secret))
                for folder in [data.path, work.path] {
                    for file in try FileManager.default.subpathsOfDirectory(atPath: folder) {
                        let bytes = FileManager.default.contents(atPath: folder + "/" + file) ?? Data()
                        #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(file)")
                    }
                }
            }
        }
    }

    @Test(arguments: [nil, "ghp_of_somebody_else"])
    func `says what to do where the token is missing or wrong`(_ token: String?) async throws {
        let server = try await PrivateRepository()
        let commit = try await server.repository.commit("one", files: ["file": "1"])
        try await server.serve { url in
            let error = await #expect(throws: GitError.self) {
                try await checkOut(commit, from: url, of: server, token: token)
            }
            let reason = "\(try #require(error))"
            #expect(reason.hasPrefix("\(url) cannot be fetched: "), "\(reason)")
            #expect(reason.hasSuffix("; check clone_url, and if it is private that github.token may read it"))
            #expect(server.whatWasSeen.statuses.allSatisfy { $0 == 401 })
        }
    }
}

import Foundation
import TestSupport
import Testing

/// Whole deploys while the registry misbehaves: what the job says, and that the server goes on.
struct RegistryTests {
    private struct Trouble: Sendable {
        var what: String
        var fault: FaultyProxy.Fault
        var state = "succeeded"
        /// In the job's log, or in its reason where it fails.
        var words: [String]
    }

    /// The first uploads the base image's layer; the later ones only what their commits change.
    private static let troubles = [
        Trouble(
            what: "the connection dropped in the middle of a blob",
            fault: .init(.cut(afterBytes: 65_536), "PATCH", "/blobs/uploads/", times: 1), words: ["Retrying in"]),
        Trouble(
            what: "500 twice for the push",
            fault: .init(.status(500), "PUT", "/manifests/", times: 2), words: ["the push failed", "trying again"]),
        Trouble(
            what: "500 twice for the look at what was pushed",
            fault: .init(.status(500), "GET", "/manifests/", times: 2), words: ["is image sha256:"]),
        Trouble(
            what: "500 for ever", fault: .init(.status(500), "PUT", "/manifests/", times: .max), state: "failed",
            words: ["push: push to", "500", "deploy again"]),
    ]

    @Test func `a registry in trouble costs a job at most, and says what to do`() async throws {
        let apps = """
            hello:
              repository: octocat/hello
              clone_url: file://REPOSITORY
              targets:
                production: {heroku: registry, when: {push: [main]}, health: {path: /, within: 9m}}
            """
        let registry = try #require(
            ProcessInfo.processInfo.environment["SLIPWAY_REGISTRY"], "run `make test`: it starts a registry")
        let proxy = try FaultyProxy(before: registry)
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["registry": [:]], apps: apps,
            in: { _ in Yard.Surroundings(registry: proxy.authority) }
        ) { yard, repository in
            for trouble in Self.troubles { try await endure(trouble, proxy, yard, repository) }
            let commit = try await repository.commit("After it")
            #expect(try await yard.finish(try await yard.push(repository)).state == "succeeded")
            #expect(try await yard.page(of: "registry").contains(commit))
        }
    }

    private func endure(
        _ trouble: Trouble, _ proxy: FaultyProxy, _ yard: Yard, _ repository: Repository
    ) async throws {
        let commit = try await repository.commit(trouble.what)
        let before = proxy.spoiled
        proxy.add(trouble.fault)
        let job = try await yard.finish(try await yard.push(repository))
        proxy.behave()
        #expect(proxy.spoiled > before, "\(trouble.what): nothing was spoiled")
        #expect(job.state == trouble.state, "\(trouble.what): \(job.reason)\n\(job.log)")
        let said = trouble.state == "failed" ? job.reason : job.log
        for words in trouble.words { #expect(said.contains(words), "\(trouble.what): \(said)") }
        #expect(try await yard.page(of: "registry").contains(commit) == (trouble.state == "succeeded"))
        let told = job.log.split(separator: "\n").filter { $0.contains("slipway: ") || $0.contains("Retrying") }
        print("\(trouble.what): \(job.state) \(job.reason)", told.joined(separator: "; "))
    }
}

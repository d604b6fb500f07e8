import Foundation
import Testing

/// Whole deploys while Heroku misbehaves: what the job says, and that the server goes on.
struct TroubleTests {
    private struct Trouble: CustomTestStringConvertible, Sendable {
        var what: String
        var fault: String
        var state = "succeeded"
        /// In the job's log, or in its reason where it fails.
        var words: String

        var testDescription: String { what }
    }

    private static let troubles = [
        Trouble(
            what: "503 twice",
            fault: #"{"kind": "status", "status": 503, "method": "PATCH", "path": "/apps/*/formation", "times": 2}"#,
            words: "trying again"),
        Trouble(
            what: "a connection that ends instead of an answer",
            fault: #"{"kind": "drop", "path": "/apps/*/releases", "times": 2}"#,
            words: "trying again"),
        Trouble(
            what: "an answer that is lost, of a change that was made",
            fault: #"{"kind": "lose_answer", "method": "PATCH", "path": "/apps/*/formation"}"#, words: "trying again"),
        Trouble(
            what: "garbage", fault: #"{"kind": "garbage", "path": "/apps/*/releases", "times": 20}"#, state: "failed",
            words: "Heroku"),
        Trouble(
            what: "no permission",
            fault:
                #"{"kind": "status", "status": 403, "id": "forbidden", "method": "PATCH", "path": "/apps/*/formation", "times": 9}"#,
            state: "failed", words: "403"),
    ]

    @Test func `Heroku in trouble costs a job at most, and says what to do`() async throws {
        let apps = """
            hello:
              repository: octocat/hello
              clone_url: file://REPOSITORY
              targets:
                production: {heroku: trouble, when: {push: [main]}, health: {path: /, within: 1m}}
            """
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["trouble": [:]], apps: apps
        ) { yard, repository in
            for trouble in Self.troubles { try await endure(trouble, yard, repository) }
        }
    }

    private func endure(_ trouble: Trouble, _ yard: Yard, _ repository: Repository) async throws {
        let before = try await yard.effects(on: "trouble")["image_releases"] ?? 0
        try await repository.commit(trouble.what)
        try await yard.misbehave(trouble.fault)
        let job = try await yard.finish(try await yard.push(repository))
        #expect(job.state == trouble.state, "\(trouble.what): \(job.reason)\n\(job.log)")
        let said = trouble.state == "failed" ? job.reason : job.log
        #expect(said.contains(trouble.words), "\(trouble.what): \(said)")
        let made = try await yard.effects(on: "trouble")["image_releases"] ?? 0
        if trouble.state == "succeeded" { #expect(made == before + 1, "\(trouble.what)") }
        print("\(trouble.what): \(job.state) \(job.reason)")

        // Once it is over the next push goes live.
        try await yard.behave()
        let commit = try await repository.commit("After " + trouble.what)
        let next = try await yard.finish(try await yard.push(repository))
        #expect(next.state == "succeeded", "after \(trouble.what): \(next.reason)")
        #expect(try await yard.page(of: "trouble").contains(commit))
    }
}

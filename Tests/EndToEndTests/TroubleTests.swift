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
                production: {heroku: trouble, when: {push: [main]}, health: {path: /, within: 9m}}
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

    /// Each takes half a minute, of which the server sleeps nearly all, so they are endured at the same time.
    @Test func `a rate limit and silence are waited out`() async throws {
        let branches = ["silent", "limited", "exhausted"]
        let apps = """
            hello:
              repository: octocat/hello
              clone_url: file://REPOSITORY
              targets:

            """
            + branches.map {
                "    \($0): {heroku: \($0)-app, when: {push: [\($0)]}, health: {path: /, within: 9m}}\n"
            }.joined()
        try await withYard(
            of: "hello", named: "octocat/hello",
            herokuApps: Dictionary(uniqueKeysWithValues: branches.map { ($0 + "-app", [:]) }), apps: apps,
            in: { _ in Yard.Surroundings(settings: ["jobs: 3"]) }
        ) { yard, repository in
            for branch in branches { try await repository.git("branch", branch) }
            func begin(_ branch: String) async throws -> Int {
                try await yard.push(repository, ref: "refs/heads/\(branch)")
            }
            try await yard.misbehave(#"{"kind": "hang", "method": "PATCH", "path": "/apps/silent-app/formation"}"#)
            let silent = try await begin("silent")
            try await yard.misbehave(
                #"{"kind": "status", "status": 429, "id": "rate_limit", "retry_after": 20, "path": "/apps/limited-app"}"#
            )
            let limited = try await begin("limited")
            try await yard.hasMisbehaved()
            // Without a word of when to come again, and `RateLimit-Remaining: 0`.
            try await yard.limitRequests(to: 0)
            let exhausted = try await begin("exhausted")
            try await yard.waitFor("Heroku's rate limit is used up", in: exhausted)
            try await yard.limitRequests(to: 4500)

            let commit = try await repository.git("rev-parse", "HEAD")
            let troubles = [
                ("no answer ever", silent, "Heroku gave no answer", "silent-app"),
                ("429 with Retry-After", limited, "Heroku's rate limit is used up", "limited-app"),
                ("429 without", exhausted, "Heroku's rate limit is used up", "exhausted-app"),
            ]
            for (what, number, words, app) in troubles {
                let job = try await yard.finish(number)
                #expect(job.state == "succeeded", "\(what): \(job.reason)\n\(job.log)")
                let told = job.log.split(separator: "\n").filter { $0.contains("trying again in") }
                #expect(told.contains { $0.contains(words) }, "\(what): \(job.log)")
                #expect(try await yard.page(of: app).contains(commit))
                #expect(try await yard.effects(on: app)["image_releases"] == 1, "\(what)")
                print("\(what): \(job.state), \(told.joined(separator: "; "))")
            }
            // Once it is over the next push goes live.
            for branch in branches {
                try await repository.git("checkout", "--quiet", branch)
                let commit = try await repository.commit("After it at \(branch)")
                #expect(try await yard.finish(try await begin(branch)).state == "succeeded")
                #expect(try await yard.page(of: branch + "-app").contains(commit))
            }
        }
    }
}

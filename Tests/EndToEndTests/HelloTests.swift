import Foundation
import Testing

/// The smallest example, by nothing but curl and `slipway sign`, as README.md shows it.
struct HelloTests {
    static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          targets:
            production:
              heroku: hello-production
              when: {push: [main]}
              migrate: {command: /app/migrate, run: release-phase}
              health: {path: /, within: 9m}
        """

    @Test func `takes a signed push live, refuses a wrong signature and redeploys`() async throws {
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["hello-production": [:]], apps: Self.apps, story)
    }

    private func story(_ yard: Yard, _ repository: Repository) async throws {
        let payload = try await repository.pushPayload(ref: "refs/heads/main")
        let (refused, _) = try await yard.deliver(
            "push", payload, signature: "sha256=" + String(repeating: "0", count: 64))
        #expect(refused == 403)
        let (ignored, answer) = try await yard.deliver("star", payload)
        #expect(ignored == 200)
        #expect(answer["decision"] as? String == "ignored")

        let commit = try await repository.git("rev-parse", "HEAD")
        let job = try await yard.finish(try await yard.push(repository))
        try #require(job.state == "succeeded", "\(job.reason)\n\(job.log)")
        #expect(try await yard.page(of: "hello-production").contains(commit))

        let status = try json(try await yard.ask("/status"))
        let apps = try #require(status["apps"] as? [[String: Any]])
        let target = try #require((apps.first?["targets"] as? [[String: Any]])?.first)
        #expect((target["live"] as? [String: Any])?["commit"] as? String == commit)

        // Asked for again: built again, and said to be.
        let fresh = try await yard.ask("/deploy/hello/production?ref=main&fresh=1&wait=1", "--request", "POST")
        #expect(fresh.split(separator: "\n").last?.wholeMatch(of: /slipway: job \d+ succeeded.*/) != nil, "\(fresh)")

        let missing = try await yard.ask("/deploy/hello/staging", "--request", "POST")
        #expect(missing.contains("not_found"))
        let unknownRef = try await yard.ask("/deploy/hello/production?ref=nowhere", "--request", "POST")
        #expect(unknownRef.contains("nowhere"))
    }
}

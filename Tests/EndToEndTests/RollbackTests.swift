import Foundation
import Testing

/// Back to the commit before by curl, and what becomes of a push until the target is resumed.
struct RollbackTests {
    /// Tests run at the same time on one engine and one registry, where an app's name is its images'.
    private static let herokuApp = "hello-rollback"

    @Test func `rolls back, holds back pushes until the target is resumed, and says why`() async throws {
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: [Self.herokuApp: [:]],
            apps: HelloTests.apps.replacing("hello-production", with: Self.herokuApp), story)
    }

    private func story(_ yard: Yard, _ repository: Repository) async throws {
        let first = try await repository.git("rev-parse", "HEAD")
        let firstJob = try await yard.push(repository)
        try await succeed(firstJob, yard)
        // The second one's migration runs now, and must not run again with the rollback.
        try repository.write("#!/bin/sh\necho \"migrated to the second\"\n", to: "migrate", executable: true)
        let second = try await repository.commit("Second")
        try await succeed(try await yard.push(repository), yard)
        #expect(try await yard.page(of: Self.herokuApp).contains(second))

        let log = try await yard.ask("/rollback/hello/production?wait=1", "--request", "POST")
        try #require(log.split(separator: "\n").last?.wholeMatch(of: /slipway: job 3 succeeded.*/) != nil, "\(log)")
        #expect(log.contains("a database is not rolled back") && !log.contains("migrated to the second"))
        #expect(log.contains("nothing is migrated"))
        #expect(try await yard.page(of: Self.herokuApp).contains(first))
        let target = try await target(yard)
        let live = try #require(target["live"] as? [String: Any])
        #expect(live["commit"] as? String == first && live["job"] as? Int == 3)
        #expect((target["paused"] as? [String: Any])?["rollback"] as? Int == 3)

        let third = try await repository.commit("Third")
        let waiting = try await yard.push(repository)
        let queued = try json(try await yard.ask("/jobs/\(waiting)"))
        #expect(queued["state"] as? String == "queued")
        #expect(queued["reason"] as? String == "the target is paused after the rollback by job 3")
        #expect(try await yard.page(of: Self.herokuApp).contains(first))

        let locked = try await yard.ask(
            "/lock/hello/production", "--request", "POST", "--get", "--data-urlencode", "reason=a demo")
        #expect(try json(locked)["locked"] is [String: Any], "\(locked)")
        let refused = try await yard.ask("/rollback/hello/production?to=\(firstJob)", "--request", "POST")
        #expect(refused.contains("locked by ops: a demo"))
        _ = try await yard.ask("/unlock/hello/production", "--request", "POST")
        _ = try await yard.ask("/resume/hello/production", "--request", "POST")
        try await succeed(waiting, yard)
        #expect(try await yard.page(of: Self.herokuApp).contains(third))
        #expect(try await self.target(yard)["paused"] is NSNull)
    }

    private func succeed(_ number: Int, _ yard: Yard) async throws {
        let job = try await yard.finish(number)
        try #require(job.state == "succeeded", "\(job.reason)\n\(job.log)")
    }

    private func target(_ yard: Yard) async throws -> [String: Any] {
        let apps = try #require(try json(try await yard.ask("/status"))["apps"] as? [[String: Any]])
        return try #require((apps.first?["targets"] as? [[String: Any]])?.first)
    }
}

import Foundation
import Testing

/// Many pushes to one target in a short time.
struct BurstTests {
    private static let apps = """
        hello:
          repository: octocat/hello
          clone_url: file://REPOSITORY
          targets:
            production: {heroku: burst, when: {push: [main]}, health: {path: /, within: 9m}}
        """

    @Test func `of fifty pushes few are deployed, and the newest is live`() async throws {
        try await withYard(
            of: "hello", named: "octocat/hello", herokuApps: ["burst": [:]], apps: Self.apps
        ) { yard, repository in
            // All that takes a machine time is made before, and then told and shown one after the other.
            let before = try await repository.git("rev-parse", "HEAD")
            var pushes: [(commit: String, payload: Data, signature: String)] = []
            for number in 1...50 {
                let commit = try await repository.commit("Push \(number)")
                let payload = try await repository.pushPayload(ref: "refs/heads/main")
                pushes.append((commit, payload, try await yard.sign(payload)))
            }
            try await repository.git("update-ref", "refs/heads/main", before)

            let clock = ContinuousClock()
            var numbers: Set<Int> = []
            let began = clock.now
            for (number, push) in pushes.enumerated() {
                // Spread over nine seconds, in which some are overtaken while they run.
                try await clock.sleep(until: began + .milliseconds(180) * number)
                try await repository.git("update-ref", "refs/heads/main", push.commit)
                numbers.insert(try await yard.takeJob("push", push.payload, signature: push.signature))
            }
            let time = clock.now - began
            let last = pushes[49].commit
            let newest = try #require(numbers.max())
            #expect(try await yard.finish(newest).state == "succeeded")
            #expect(try await yard.page(of: "burst").contains(last))

            let jobs = try #require(try json(try await yard.ask("/jobs?limit=200"))["jobs"] as? [[String: Any]])
            #expect(Set(jobs.compactMap { $0["id"] as? Int }) == numbers)
            let started = jobs.filter { $0["started_at"] is String }
            let live = jobs.filter { $0["state"] as? String == "succeeded" }
            print(
                "50 pushes in \(time.formatted(.units(allowed: [.milliseconds]))): \(jobs.count) jobs,",
                "\(started.count) started, \(live.count) went live, the newest last; releases:",
                try await yard.effects(on: "burst")["image_releases"] ?? 0)
            for job in jobs where job["state"] as? String != "succeeded" {
                #expect(job["state"] as? String == "superseded", "\(job)")
                // One that came before may deploy what is newer: it takes the tip of the moment in which it fetches.
                let successor = try #require(job["superseded_by"] as? Int, "\(job)")
                #expect(numbers.contains(successor) && successor != job["id"] as? Int, "\(job)")
            }
            #expect(live.contains { $0["id"] as? Int == newest })
            // Each that starts gives way within its build or is let through; none of it is a deploy for each push.
            #expect(live.count < 25)
            #expect(try await yard.effects(on: "burst")["image_releases"] == live.count)
        }
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSupport
import Testing

/// What `/status` says of a target whose platform was asked.
struct StandingTests {
    private let bench: WebBench

    init() async throws {
        bench = try await WebBench()
    }

    private func target() async throws -> [String: Any] {
        let app = try #require((try await bench.get("/status").object["apps"] as? [[String: Any]])?.first)
        return try #require((app["targets"] as? [[String: Any]])?.first)
    }

    /// Of a job that came to a good end.
    private func release(_ image: String, version: Int) async throws -> Release {
        try await bench.queue()
        let job = try await bench.run(to: .succeeded)
        let release = Release(
            app: "my_app", target: "homolog", job: job.id, commit: try #require(job.plan.commit.id), image: image,
            version: version, since: .now())
        try await bench.store.record(release)
        return release
    }

    @Test func `a target that was never asked is unknown, and shows what is on record`() async throws {
        let known = try await release("sha256:a", version: 3)
        let target = try await target()
        #expect(target["state"] as? String == "unknown")
        #expect((target["live"] as? [String: Any])?["job"] as? Int64 == known.job)
        #expect((target["live"] as? [String: Any])?["by"] as? String == "slipway")
    }

    @Test func `what was rolled back at the platform is not live, and what runs there is`() async throws {
        let first = try await release("sha256:a", version: 3)
        let second = try await release("sha256:b", version: 4)
        try await bench.see(release: 5, words: "Rollback to v3", image: "a")
        let target = try await target()
        #expect(target["state"] as? String == "live")
        let live = try #require(target["live"] as? [String: Any])
        #expect(live["job"] as? Int64 == first.job && live["release"] as? Int == 5)
        #expect(live["commit"] as? String == first.commit.description && live["by"] as? String == "heroku")
        let good = try #require(target["last_good"] as? [String: Any])
        #expect(good["job"] as? Int64 == second.job)
        #expect(Set(good.keys) == ["job", "commit", "image", "release", "since"])
    }

    @Test func `an app that runs already is shown as such`() async throws {
        try await bench.see(release: 12)
        let target = try await target()
        let live = try #require(target["live"] as? [String: Any])
        #expect(target["state"] as? String == "live" && live["release"] as? Int == 12)
        #expect(live["job"] is NSNull && live["commit"] is NSNull && live["image"] is NSNull)
        #expect(live["by"] as? String == "heroku" && target["last_good"] is NSNull)
        // Whose account it was is nothing for everybody.
        #expect(try await !bench.get("/status").text.contains("ops@example.com"))
    }

    @Test func `a crash, an attempt that failed and nothing at all have their states`() async throws {
        _ = try await release("sha256:a", version: 3)
        try await bench.see(release: 3, image: "a", trouble: "the dyno web.1 crashed")
        #expect(try await target()["state"] as? String == "down")
        try await bench.see(release: 3, image: "a")
        #expect(try await target()["state"] as? String == "live")
        try await bench.queue()
        try await bench.run(to: .failed, reason: "build: no")
        #expect(try await target()["state"] as? String == "behind")
        try await bench.queue()
        try await bench.run(to: nil)
        #expect(try await target()["state"] as? String == "deploying")
        try await bench.store.finish(3, as: .failed, reason: "no")
        try await bench.see(.nothing)
        let target = try await target()
        #expect(target["state"] as? String == "empty" && target["live"] is NSNull)
    }

    @Test func `an answer grows old without anything being written`() async throws {
        try await bench.see(release: 12)
        #expect(try await target()["state"] as? String == "live")
        bench.clock.change { $0 = $0 + .seconds(599) }
        #expect(try await target()["state"] as? String == "live")
        bench.clock.change { $0 = $0 + .seconds(1) }
        #expect(try await target()["state"] as? String == "unknown")
    }
}

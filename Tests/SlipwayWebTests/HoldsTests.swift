import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSamples
import TestSupport
import Testing

/// What the window says of locks, pauses and rollbacks.
struct HoldsTests {
    private func release(_ bench: WebBench, _ job: Job, _ image: String) async throws {
        try await bench.store.record(
            .sample(
                "my_app", "homolog", job: job.id, commit: try #require(job.plan.commit.id), image: image,
                version: Int(job.id)))
    }

    private func homolog(_ bench: WebBench) async throws -> [String: Any] {
        let app = try #require((try await bench.get("/status").object["apps"] as? [[String: Any]])?.first)
        return try #require((app["targets"] as? [[String: Any]])?.first)
    }

    @Test func `the status has locks and pauses, and why each job waits`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        #expect(try await bench.get("/jobs/1").object["reason"] is NSNull)
        _ = try await bench.store.pause(app: "my_app", target: "homolog", by: "ana")
        let pause = try #require(try await homolog(bench)["paused"] as? [String: Any])
        #expect(pause["by"] as? String == "ana" && pause["rollback"] is NSNull)
        #expect(try await homolog(bench)["locked"] is NSNull)
        #expect(try await bench.get("/jobs/1").object["reason"] as? String == "the target is paused by ana")
        _ = try await bench.store.lock(app: "my_app", target: "homolog", by: "ben", reason: "moving")
        let lock = try #require(try await homolog(bench)["locked"] as? [String: Any])
        #expect(lock["by"] as? String == "ben" && lock["reason"] as? String == "moving")
        let reason = "the target is locked by ben: moving"
        let jobs = try #require(try await bench.get("/status").object["jobs"] as? [[String: Any]])
        #expect(jobs.map { $0["reason"] as? String } == [reason])
        let listed = try #require(try await bench.get("/jobs").object["jobs"] as? [[String: Any]])
        #expect(listed.map { $0["reason"] as? String } == [reason])
        #expect(try await bench.get("/jobs/1", accept: "text/html").text.contains(reason))

        try await bench.store.unlock(app: "my_app", target: "homolog")
        try await bench.store.resume(app: "my_app", target: "homolog")
        #expect(try await homolog(bench)["locked"] is NSNull)
        #expect(try await bench.get("/jobs/1").object["reason"] is NSNull)
        _ = try await bench.store.pause(by: "ops")
        #expect(try await bench.get("/jobs/1").object["reason"] as? String == "the queue is paused by ops")
        try await bench.store.resume()
        // Once it runs, nothing holds it; what ends it says so itself.
        try await bench.run(to: .failed, reason: "no Dockerfile: add one")
        _ = try await bench.store.lock(app: "my_app", target: "homolog", by: "ben", reason: "moving")
        #expect(try await bench.get("/jobs/1").object["reason"] as? String == "no Dockerfile: add one")
    }

    @Test func `the dashboard says what holds a target and has the buttons that end it`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        func page(as cookie: String) async throws -> String {
            try await bench.get("/", token: nil, accept: "text/html", cookie: cookie).text
        }
        let free = try await page(as: cookie)
        for path in ["/lock/my_app/homolog", "/pause/my_app/homolog", "/pause"] {
            #expect(free.contains("action=\"\(path)\""), "\(path)")
        }
        #expect(!free.contains("/unlock/") && !free.contains("/resume") && !free.contains("/rollback/"))

        _ = try await bench.store.lock(app: "my_app", target: "homolog", by: "ben", reason: "<b>moving")
        _ = try await bench.store.pause(app: "my_app", target: "production", by: "ana")
        _ = try await bench.store.pause(by: "ops")
        try await bench.queue()
        let held = try await page(as: cookie)
        #expect(held.contains("by ben: &lt;b&gt;moving") && held.contains(#"action="/unlock/my_app/homolog""#))
        #expect(!held.contains(#"action="/lock/my_app/homolog""#))
        #expect(held.contains("by ana") && held.contains(#"action="/resume/my_app/production""#))
        #expect(held.contains(#"action="/resume""#))
        // On the card of the job that waits.
        #expect(held.contains("the target is locked by ben: &lt;b&gt;moving"))
        let guest = try await page(as: try await bench.login(as: "guest"))
        #expect(guest.contains("by ben: &lt;b&gt;moving") && guest.contains("by ana"))
        #expect(!guest.contains("/unlock/") && !guest.contains("action=\"/resume"))
    }

    @Test func `the page that a button leads to says what is so now`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        func page(_ query: String, token: String? = nil, cookie: String? = nil) async throws -> String {
            try await bench.get("/?" + query, token: token, accept: "text/html", cookie: cookie).text
        }
        _ = try await bench.store.pause(by: "ops")
        _ = try await bench.store.lock(app: "my_app", target: "homolog", by: "ben", reason: "<b>moving")
        let place = HoldOutcome.Place(app: "my_app", target: "homolog")
        let resumed = try await page(HoldOutcome(.resume, of: place, isNew: false).query, cookie: cookie)
        #expect(
            resumed.contains(
                "my_app/homolog was not paused; it is still locked by ben: &lt;b&gt;moving, so no job starts there; "
                    + "the whole queue is still paused by ops, so only what is asked for by hand runs."))
        // What was said is said as it is when the page is drawn.
        try await bench.store.resume()
        #expect(
            try await page(HoldOutcome(.resume, of: nil, isNew: true).query, cookie: cookie).contains(
                "the queue is not paused; still held: my_app/homolog (locked)."))
        #expect(try await !page("done=unlock&at=my_app/%3Cb%3E", cookie: cookie).contains(#"class="reason" role"#))
        #expect(try await !page("done=sell", cookie: cookie).contains(#"class="reason" role"#))
        #expect(try await !page("done=resume", token: "ops").contains(#"class="reason" role"#), "a program")
    }

    @Test func `offers a rollback to what was live before, and to what an older job released`() async throws {
        let bench = try await WebBench()
        let cookie = try await bench.login()
        func page(_ path: String) async throws -> String {
            try await bench.get(path, token: nil, accept: "text/html", cookie: cookie).text
        }
        var jobs: [Job] = []
        for image in ["sha256:1", "sha256:2"] {
            try await bench.queue()
            jobs.append(try await bench.run(to: .succeeded))
            try await release(bench, jobs[jobs.count - 1], image)
        }
        let dashboard = try await page("/")
        let commit = try #require(jobs[0].plan.commit.id)
        #expect(dashboard.contains(#"action="/rollback/my_app/homolog""#))
        #expect(dashboard.contains(#"name="to" value="1""#) && dashboard.contains("Roll back to \(commit.short)"))
        #expect(try await page("/jobs/1").contains(#"action="/rollback/my_app/homolog""#))
        #expect(try await !page("/jobs/2").contains("/rollback/"), "it is live")
        let plain = try await bench.get("/jobs/1", token: "guest", accept: "text/html").text
        #expect(!plain.contains("/rollback/"))

        let release = try #require(try await bench.store.release(by: 1, app: "my_app", target: "homolog"))
        _ = try await bench.store.record(.sample(), .plans([.rollback(to: release)]), repository: nil)
        try await bench.run(to: .succeeded, steps: [.push, .release, .verify])
        #expect(try await page("/jobs/3").contains("rollback to job 1"))
        #expect(try await page("/").contains(#"<a href="/jobs/3">after the rollback by job 3</a>"#))
        let pause = try #require(try await homolog(bench)["paused"] as? [String: Any])
        #expect(pause["rollback"] as? Int == 3)
    }

    @Test func `tells an open page that something else holds a target`() async throws {
        let bench = try await WebBench()
        try await reading(try await bench.get("/events")) { reader in
            try await reader.wait(for: "retry: ")
            _ = try await bench.store.lock(app: "my_app", target: "homolog", by: "ben", reason: "moving")
            try await reader.wait(for: "event: reset")
        }
    }
}

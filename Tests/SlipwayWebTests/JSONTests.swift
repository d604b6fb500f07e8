import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSamples
import TestSupport
import Testing

struct JSONTests {
    @Test func `status has the documented fields, null where there is nothing`() async throws {
        let bench = try await WebBench()
        try await bench.queue(message: "First line\n\nmore")
        let job = try await bench.run(to: .succeeded)
        let live = Release.sample(
            "my_app", "homolog", job: job.id, commit: try #require(job.plan.commit.id), image: "sha256:abc",
            version: 17)
        try await bench.store.record(live)
        try await bench.queue()
        let running = try await bench.run(to: nil)
        try await bench.queue(target: "production")
        let status = try await bench.get("/status").object
        #expect(Set(status.keys) == ["version", "started_at", "queue", "apps", "jobs"])
        #expect(status["version"] as? String == "1.2.3")
        #expect(status["started_at"] as? String == "2026-11-18T11:06:40.000Z")
        let queue = try #require(status["queue"] as? [String: Any])
        #expect(queue["running"] as? [Int] == [2])
        #expect(queue["queued"] as? [Int] == [3])
        #expect(queue["queued_count"] as? Int == 1)
        #expect(queue["paused"] is NSNull)
        let app = try #require((status["apps"] as? [[String: Any]])?.first)
        #expect(app["name"] as? String == "my_app" && app["repository"] as? String == "owner/my_app")
        let targets = try #require(app["targets"] as? [[String: Any]])
        #expect(targets[0]["heroku_app"] as? String == "my-app-homolog")
        #expect(targets[0]["locked"] is NSNull && targets[0]["paused"] is NSNull)
        #expect(targets[0]["latest_job"] as? Int == 2)
        let shown = try #require(targets[0]["live"] as? [String: Any])
        #expect(Set(shown.keys) == ["job", "commit", "image", "release", "since"])
        #expect(shown["commit"] as? String == live.commit.description && shown["release"] as? Int == 17)
        #expect(targets[1]["live"] is NSNull)
        let jobs = try #require(status["jobs"] as? [[String: Any]])
        #expect(jobs.map { $0["id"] as? Int } == [2, 3, 1])
        #expect(jobs[0]["finished_at"] is NSNull && jobs[0]["reason"] is NSNull)
        #expect((jobs[2]["commit"] as? [String: Any])?["message"] as? String == "First line")
        #expect((jobs[2]["commit"] as? [String: Any])?["author"] as? String == "Ada")
        let trigger = try #require(jobs[0]["trigger"] as? [String: Any])
        #expect(Set(trigger.keys) == ["kind", "ref", "delivery", "by"])
        #expect(trigger["delivery"] as? String == running.plan.trigger.delivery)
        let step = try #require((jobs[0]["steps"] as? [[String: Any]])?.first)
        #expect(Set(step.keys) == ["name", "state", "started_at", "finished_at", "reason"])
        #expect(step["name"] as? String == "checkout" && step["state"] as? String == "running")
        #expect(step["finished_at"] is NSNull)
    }

    @Test func `the status shows the jobs that run next, not those that wait longest`() async throws {
        let bench = try await WebBench()
        for index in 0..<60 { try await bench.queue(target: nil, ref: "refs/heads/topic\(index)") }
        try await bench.queue(target: "production")
        let status = try await bench.get("/status").object
        let jobs = try #require(status["jobs"] as? [[String: Any]])
        #expect(jobs.map { $0["id"] as? Int } == [61] + Array(1...49))
        #expect(((status["queue"] as? [String: Any])?["queued"] as? [Int])?.prefix(2) == [61, 1])
    }

    @Test func `jobs come newest first, by pages and by filters`() async throws {
        let bench = try await WebBench()
        for index in 0..<5 {
            try await bench.queue(target: index == 2 ? "production" : nil, ref: "refs/heads/b\(index)")
        }
        let page = try await bench.get("/jobs?limit=2").object
        #expect((page["jobs"] as? [[String: Any]])?.map { $0["id"] as? Int } == [5, 4])
        #expect(page["next"] as? Int == 4)
        let rest = try await bench.get("/jobs?limit=3&before=4").object
        #expect((rest["jobs"] as? [[String: Any]])?.map { $0["id"] as? Int } == [3, 2, 1])
        #expect(rest["next"] is NSNull)
        let filtered = try await bench.get("/jobs?app=my_app&target=production&state=queued,running").object
        #expect((filtered["jobs"] as? [[String: Any]])?.map { $0["id"] as? Int } == [3])
        let empty = try await bench.get("/jobs?app=&target=&state=&before=&limit=").object
        #expect((empty["jobs"] as? [Any])?.count == 5)
        #expect((try await bench.get("/jobs?state=failed").object["jobs"] as? [Any])?.isEmpty == true)
    }

    @Test(arguments: ["limit=0", "limit=201", "limit=x", "before=0", "before=x", "state=done"])
    func `refuses a query it does not understand`(query: String) async throws {
        #expect(try await WebBench().get("/jobs?\(query)").status == .badRequest)
    }

    @Test func `a job is found by its number`() async throws {
        let bench = try await WebBench()
        try await bench.queue()
        #expect(try await bench.get("/jobs/1").object["state"] as? String == "queued")
        for path in ["/jobs/2", "/jobs/x", "/jobs/0", "/jobs/-1", "/jobs/99999999999999999999"] {
            #expect(try await bench.get(path).status == .notFound)
        }
    }

    @Test func `what is quoted of a job's output is for those who may read its log`() async throws {
        let bench = try await WebBench(publicStatus: true)
        try await bench.queue()
        _ = try await bench.store.claim(slots: 1) { _ in [.test, .build] }
        var step = Step(
            name: .test, state: .failed, reason: "the test script ended with exit status 1", startedAt: .now())
        step.detail = [DetailLine(step: .test, offset: 7, text: "  1) test <b> (QuotedTest)")]
        try await bench.store.update(step, of: 1)
        try await bench.store.finish(1, as: .failed, reason: "test: the test script ended with exit status 1")
        let job = try await bench.get("/jobs/1").object
        let list = try await bench.get("/jobs").object
        for job in [job, try #require((list["jobs"] as? [[String: Any]])?.first)] {
            let steps = try #require(job["steps"] as? [[String: Any]])
            for detail in [job["detail"], steps[0]["detail"]] {
                let line = try #require((detail as? [[String: Any]])?.first)
                #expect(line["text"] as? String == "  1) test <b> (QuotedTest)" && line["offset"] as? Int == 7)
                #expect(line["step"] as? String == "test")
            }
            #expect((steps[1]["detail"] as? [Any])?.isEmpty == true)
        }
        let page = try await bench.get("/jobs/1", accept: "text/html").text
        #expect(page.contains("/jobs/1/log?step=test&amp;from=7") && page.contains("1) test &lt;b&gt; (QuotedTest)"))
        for token in [nil, "robot"] {
            for path in ["/jobs/1", "/jobs", "/status", "/"] {
                for accept in [nil, "text/html"] {
                    let text = try await bench.get(path, token: token, accept: accept).text
                    #expect(!text.contains("QuotedTest") && !text.contains("\"detail\""), "\(path)")
                    if path == "/jobs/1" { #expect(text.contains("the test script ended with exit status 1")) }
                }
            }
        }
        #expect(try await bench.get("/status").text.contains("QuotedTest") == false)
    }

    @Test func `health is for anyone, readiness has its reason`() async throws {
        let bench = try await WebBench()
        #expect(try await bench.get("/healthz", token: nil).text == "ok\n")
        #expect(try await bench.get("/readyz", token: nil).text == "ok\n")
        bench.unready.change { $0 = "Docker does not answer" }
        let response = try await bench.get("/readyz", token: nil)
        #expect(response.status == .serviceUnavailable)
        #expect(try await response.text == "Docker does not answer\n")
        bench.unready.change { $0 = nil }
        try await bench.store.close()
        #expect(try await bench.get("/readyz", token: nil).status == .serviceUnavailable)
        #expect(try await bench.get("/healthz", token: nil).status == .ok)
        #expect(try await bench.get("/status").status == .serviceUnavailable)
    }

    @Test func `metrics count`() async throws {
        let bench = try await WebBench()
        for _ in 0..<201 {
            try await bench.queue()
            try await bench.run(to: .failed, reason: "no", steps: [])
        }
        try await bench.queue()
        let text = try await bench.get("/metrics").text
        #expect(text.contains(#"slipway_build_info{version="1.2.3"} 1"# + "\n"))
        #expect(text.contains(#"slipway_jobs{state="queued"} 1"# + "\n"))
        #expect(text.contains(#"slipway_jobs{state="running"} 0"# + "\n"))
        #expect(text.contains(#"slipway_jobs{state="failed"} 201"# + "\n"))
        #expect(text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") || $0.split(separator: " ").count == 2 })
    }

    @Test(arguments: ["/", "/status", "/login", "/healthz", "/nowhere", "/jobs/7", "/assets/slipway.css"])
    func `every answer carries the security headers`(path: String) async throws {
        let bench = try await WebBench()
        for (token, accept) in [("guest", nil), (nil, "text/html")] as [(String?, String?)] {
            let headers = try await bench.get(path, token: token, accept: accept).headers
            #expect(headers["X-Content-Type-Options"] == "nosniff")
            #expect(headers["Content-Security-Policy"] == "default-src 'self'; frame-ancestors 'none'")
            #expect(["Accept", "Cookie"].allSatisfy { headers.list("Vary").contains($0) })
            #expect(headers["Content-Type"] != nil)
            #expect(headers["Cache-Control"] != nil)
        }
    }

    @Test func `an error is JSON for programs and a page for browsers`() async throws {
        let bench = try await WebBench()
        let json = try await bench.get("/nowhere")
        #expect(json.status == .notFound)
        #expect((try await json.object["error"] as? [String: Any])?["code"] as? String == "not_found")
        let page = try await bench.get("/no%3Cb%3E", accept: "text/html,application/xhtml+xml")
        #expect(page.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(try await page.text.contains("/no&lt;b&gt;"))
    }
}

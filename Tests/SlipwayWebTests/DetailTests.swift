import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSupport
import Testing

/// `reason` is Slipway's own words and public wherever the job is; `detail` is quoted from output, and is for those who may
/// read the log.
struct DetailTests {
    private static let reason = "the tests failed (exit status 1); see the log"
    private static let quoted = "expected the customer's name, got O'Hara & Sons"

    /// A server whose status is public, with one job that has failed.
    private func bench() async throws -> WebBench {
        let bench = try await WebBench(publicStatus: true)
        try await bench.queue()
        _ = try await bench.store.claim(slots: 1) { _ in [.test] }
        var step = Step(name: .test, state: .failed, reason: Self.reason, finishedAt: .now())
        step.detail = [DetailLine(step: .test, offset: 0, text: Self.quoted)]
        await bench.logs.append(Array((Self.quoted + "\n").utf8), job: 1, step: .test)
        try await bench.store.update(step, of: 1)
        try await bench.store.finish(1, as: .failed, reason: Self.reason)
        return bench
    }

    /// A token that may only deploy is a stranger here.
    @Test(arguments: [nil, "robot"] as [String?], [nil, "text/html"] as [String?])
    func `strangers see the reason, and never the detail`(token: String?, accept: String?) async throws {
        let bench = try await bench()
        for path in ["/", "/status", "/jobs", "/jobs/1", "/jobs?state=failed", "/metrics"] {
            let answer = try await bench.get(path, token: token, accept: accept)
            #expect(answer.status == .ok)
            let text = try await answer.text
            #expect(!text.contains("O&#39;Hara") && !text.contains("O'Hara") && !text.contains("\"detail\""), "\(path)")
            if path == "/jobs/1" || accept == nil, path != "/metrics" { #expect(text.contains(Self.reason), "\(path)") }
        }
        for path in ["/jobs/1/log", "/jobs/1/log?follow=1", "/jobs/1/log?as=html", "/jobs/1/log?step=test"] {
            #expect(try await !bench.get(path, token: token, accept: nil).status.isSuccess)
        }
    }

    @Test func `nor do they by events, where readers do not either`() async throws {
        let bench = try await bench()
        let since = "?last_event_id=1795000000000-0"
        for token in [nil, "robot", "guest"] as [String?] {
            let events = try await bench.get("/events" + since, token: token)
            let text = try await reading(events) { reader in
                try await reader.wait(for: #""state":"failed""#)
                try await reader.wait(for: "still here")
                return await reader.text
            }
            #expect(text.contains("the tests failed") && !text.contains("O'Hara") && !text.contains("\"detail\""))
        }
    }

    @Test func `readers see both`() async throws {
        let bench = try await bench()
        let job = try await bench.get("/jobs/1", token: "guest").object
        let lines = try #require(job["detail"] as? [[String: Any]])
        #expect(lines.map { $0["text"] as? String } == [Self.quoted])
        #expect(job["reason"] as? String == Self.reason)
        let page = try await bench.get("/jobs/1", token: "guest", accept: "text/html").text
        #expect(page.contains("O&#39;Hara &amp; Sons") && page.contains(Self.reason))
        #expect(try await bench.get("/jobs/1/log", token: "guest").text.contains("O'Hara"))
    }

    @Test func `an answer to who may deploy has none unless it is asked for`() async throws {
        let bench = try await bench()
        let job = try #require(try await bench.store.job(1))
        let text = String(decoding: try JSONText.encode(JobView(job)), as: UTF8.self)
        #expect(text.contains("the tests failed") && !text.contains("O'Hara") && !text.contains("detail"))
    }
}

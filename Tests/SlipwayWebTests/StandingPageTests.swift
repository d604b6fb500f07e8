import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSupport
import Testing

/// What the dashboard and a job's page show and offer, in each state of a target.
struct StandingPageTests {
    private let bench: WebBench
    private let cookie: String

    init() async throws {
        bench = try await WebBench()
        cookie = try await bench.login()
    }

    private func page(_ path: String = "/") async throws -> String {
        try await bench.get(path, token: nil, accept: "text/html", cookie: cookie).text
    }

    /// What of the dashboard is about `homolog`, without what is folded.
    private func shown() async throws -> String {
        let page = try await page()
        let start = try #require(page.range(of: #"id="live-my_app-homolog""#)).upperBound
        let end = try #require(page.range(of: #"id="live-my_app-production""#)).lowerBound
        return String(page[start..<end]).replacing(/<details>(?s:.*?)<\/details>/, with: "")
    }

    private func release(_ image: String, version: Int, to state: Job.State = .succeeded) async throws -> JobID {
        try await bench.queue()
        let place = Place(platform: "heroku", name: "my-app-homolog")
        let job = try await bench.run(to: state, reason: state == .failed ? "verify: it answers 500" : nil)
        let release = Release(
            app: "my_app", target: "homolog", job: job.id, commit: try #require(job.plan.commit.id), image: image,
            version: version, since: .now())
        try await bench.store.record(MadeRelease(place: place, id: "r\(version)", release: release))
        if state == .succeeded { try await bench.store.record(release) }
        return job.id
    }

    @Test
    func `what did not pass its verification is down, and the way out is in the open, here and on its job's page`()
        async throws
    {
        let good = try await release("sha256:a", version: 3)
        let bad = try await release("sha256:b", version: 4, to: .failed)
        try await bench.see(release: 4)
        let shown = try await shown()
        #expect(shown.contains(#"<span class="tag down">down</span>"#))
        #expect(shown.contains("It did not pass its verification."))
        #expect(shown.contains("The last attempt, <a href=\"/jobs/\(bad)\">job \(bad)</a>, failed."))
        #expect(shown.contains("Last good:") && shown.contains("/jobs/\(good)"))
        #expect(shown.contains("Roll back to release v3 of job \(good) ("))
        let job = try await page("/jobs/\(bad)")
        #expect(job.contains("Roll back to release v3 of job \(good) (") && job.contains("Deploy this commit again"))
    }

    @Test func `a crash says so, and an attempt that changed nothing has no rollback in the open`() async throws {
        _ = try await release("sha256:a", version: 3)
        _ = try await release("sha256:b", version: 4)
        try await bench.see(release: 4, trouble: "the dyno web.1 crashed")
        var shown = try await shown()
        #expect(shown.contains("The dyno web.1 crashed.") && shown.contains("Roll back to release v3"))
        try await bench.see(release: 4)
        try await bench.queue()
        try await bench.run(to: .failed, reason: "build: no")
        shown = try await self.shown()
        #expect(shown.contains(#"<span class="tag behind">behind</span>"#) && shown.contains("job 3</a>, failed."))
        #expect(!shown.contains("Roll back to"))
    }

    @Test func `what was done at the platform is said, with the account for those who may read`() async throws {
        _ = try await release("sha256:a", version: 3)
        _ = try await release("sha256:b", version: 4)
        try await bench.see(release: 5, words: "Rollback to v3", image: "a")
        let shown = try await shown()
        #expect(shown.contains("Done on heroku itself: Rollback to v3, by ops@example.com."))
        #expect(shown.contains("release v5") && shown.contains("/jobs/1"))
        bench.configuration.value.server.publicStatus = true
        let stranger = try await bench.get("/", token: nil, accept: "text/html").text
        #expect(stranger.contains("Rollback to v3") && !stranger.contains("ops@example.com"))
    }

    @Test func `an app that runs already is shown as such`() async throws {
        try await bench.see(release: 12)
        let shown = try await shown()
        #expect(shown.contains("release v12, which was not made by Slipway") && !shown.contains("Nothing is live"))
    }

    @Test func `a platform that does not answer is said not to`() async throws {
        _ = try await release("sha256:a", version: 3)
        #expect(try await shown().contains("heroku has not said yet what runs here."))
        try await bench.see(release: 3)
        bench.clock.change { $0 = $0 + .seconds(600) }
        let shown = try await shown()
        #expect(shown.contains(#"<span class="tag unknown">unknown</span>"#))
        #expect(shown.contains("has not said what runs here since 2026-11-18 11:06:40"))
        try await bench.see(.nothing)
        #expect(try await self.shown().contains(#"<span class="tag empty">empty</span> Nothing is live yet."#))
    }
}

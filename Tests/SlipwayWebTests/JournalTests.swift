import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import TestSupport
import Testing

/// What a job did outside and how long it took, by `?journal=1` and on its page.
struct JournalTests {
    private let change = ReleaseChange(
        place: Place(platform: "heroku", name: "my-app-homolog"), images: ["web": "sha256:abcd"], versionBefore: 7)
    private let release = PlatformRelease(id: "0f1e", version: 8, wasAlreadyRunning: false)
    private let run = OneOffRun(
        place: Place(platform: "heroku", name: "my-app-homolog"), marker: "cafe", way: .attached,
        command: PageTests.evil)

    /// A server whose status is public, with one job that has released and failed, and one that waited for it.
    private func bench() async throws -> WebBench {
        let bench = try await WebBench(publicStatus: true)
        try await bench.queue()
        _ = try await bench.store.claim(slots: 1) { _ in [.release, .migrate] }
        try await bench.queue(ref: "refs/heads/other")
        let started = Timestamp.now()
        try await bench.store.update(
            Step(name: .release, state: .succeeded, startedAt: started, finishedAt: started), of: 1)
        let made = try await bench.store.begin(.release(change, .begun), of: 1, step: .release)
        try await bench.store.end(made, as: .release(change, .done(.made(release))))
        _ = try await bench.store.begin(.runOneOff(run, .begun), of: 1, step: .migrate)
        let push = ImagePush(repository: "my-app/web", image: "sha256:abcd")
        let failed = try await bench.store.begin(.push(push, .begun), of: 1, step: .push)
        try await bench.store.end(failed, as: .push(push, .notDone(reason: PageTests.evil)))
        try await bench.store.finish(1, as: .failed, reason: "no")
        _ = try await bench.run(to: .succeeded)
        return bench
    }

    @Test func `readers get it who ask for it`() async throws {
        let bench = try await bench()
        let job = try await bench.get("/jobs/1?journal=1").object
        let journal = try #require(job["journal"] as? [[String: Any]])
        #expect(journal.map { $0["kind"] as? String } == ["release", "run-one-off", "push"])
        #expect(journal.map { $0["step"] as? String } == ["release", "migrate", "push"])
        #expect(journal.map { $0["state"] as? String } == ["done", "begun", "not-done"])
        #expect(journal.map { $0["begun_at"] is String } == [true, true, true])
        #expect(journal.map { $0["ended_at"] is String } == [true, false, true])
        let intent = try #require(journal[0]["intent"] as? [String: Any])
        #expect(intent["version_before"] as? Int == 7)
        #expect((intent["place"] as? [String: String])?["name"] == "my-app-homolog")
        let made = (journal[0]["outcome"] as? [String: [String: Any]])?["made"]
        #expect(made?["version"] as? Int == 8)
        #expect(journal[1]["outcome"] is NSNull)
        #expect((journal[2]["outcome"] as? [String: String]) == ["reason": PageTests.evil])
        let timings = try #require(job["timings"] as? [String: Any])
        #expect(timings["waited_seconds"] is Double && timings["took_seconds"] is Double)
        #expect((timings["steps"] as? [[String: Any]])?.map { $0["name"] as? String } == ["release", "migrate"])

        let second = try await bench.get("/jobs/2?journal=1").object
        #expect((second["journal"] as? [Any])?.isEmpty == true)
        #expect(
            (second["timings"] as? [String: Any])?["waited_for"] as? String == "job 1, which ran for the same target")
        let unasked = try await bench.get("/jobs/1").object
        #expect(unasked["journal"] == nil && unasked["timings"] == nil && unasked["detail"] != nil)
        #expect(try await bench.get("/jobs/99?journal=1").status == .notFound)
    }

    /// A token that may only deploy is a stranger here.
    @Test(arguments: [nil, "robot"] as [String?])
    func `strangers get neither, though the job is public`(token: String?) async throws {
        let bench = try await bench()
        let refused = try await bench.get("/jobs/1?journal=1", token: token)
        #expect(refused.status == (token == nil ? .unauthorized : .forbidden))
        for path in ["/jobs/1", "/jobs", "/status"] {
            for accept in [nil, "text/html"] {
                let answer = try await bench.get(path, token: token, accept: accept)
                #expect(answer.status == .ok)
                let text = try await answer.text
                #expect(!text.contains("run-one-off") && !text.contains("journal") && !text.contains("waited"))
            }
        }
    }

    @Test func `the page has it folded, with everything from outside escaped`() async throws {
        let bench = try await bench()
        let page = try await bench.get("/jobs/1", accept: "text/html").text
        #expect(page.contains("<summary>Timings and journal</summary>"))
        for text in [
            "run-one-off", "not-done", "images.web", "place.name", "made.was_already_running</span> no",
            "my-app-homolog",
        ] {
            #expect(page.contains(text), "\(text)")
        }
        #expect(!page.contains("<script>alert") && !page.contains("\u{202E}"))
        #expect(try await bench.get("/jobs/2", accept: "text/html").text.contains("for job 1, which ran for the same"))
    }
}

import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import Synchronization
import TestLogs
import TestSamples
import TestSupport
import Testing

struct DeployRequestsTests {
    static let sha = "48141bb0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0"

    private func bench() async throws -> IntakeBench {
        let bench = try await IntakeBench(apps: [IntakeBench.app("owner/my_app")])
        let commit = Commit(id: CommitID(Self.sha), message: "Say hello\n\nat length", author: "Ada")
        bench.refs.known.withLock { $0["main"] = commit }
        return bench
    }

    private func post(_ target: String, token: String? = "Bearer ops") throws -> HTTPRequest {
        var request = HTTPRequest(method: .post, target: try #require(HTTPTarget(target)))
        request.headers["Authorization"] = token
        request.headers["User-Agent"] = "curl/8"
        return request
    }

    @Test func `queues a job for a ref`() async throws {
        let bench = try await bench()
        let response = await bench.router().respond(to: try post("/deploy/my_app/all?ref=main&fresh=1"))
        #expect(response.status == .accepted)
        #expect(response.headers["Location"] == "/jobs/1")
        let shown = try #require(try await response.object["job"] as? [String: Any])
        #expect(shown["state"] as? String == "queued")
        #expect((shown["trigger"] as? [String: Any])?["kind"] as? String == "deploy")
        #expect((shown["commit"] as? [String: Any])?["message"] as? String == "Say hello")
        #expect(shown["started_at"] is NSNull)
        let job = try #require(try await bench.store.job(1))
        #expect(job.plan.trigger.ref == "refs/heads/main")
        #expect(job.plan.trigger.by == "ops")
        #expect(job.plan.commit.id?.description == Self.sha)
        #expect(job.plan.fresh)
    }

    @Test(arguments: [
        ("/deploy/my_app/all?ref=main&wait=2", "wait is 1"), ("/deploy/my_app/all?ref=main&wait=true", "wait is 1"),
        ("/deploy/my_app/all?ref=main&wiat=1", "no parameter wiat"),
        ("/deploy/my_app/all?ref=main&fresh=yes", "fresh is 1"),
        ("/rollback/my_app/all?job=1", "no parameter job"), ("/rollback/my_app/all?wait=yes", "wait is 1"),
    ])
    func `starts nothing for a query that it does not understand`(path: String, words: String) async throws {
        let bench = try await bench()
        let response = await bench.router().respond(to: try post(path))
        #expect(response.status == .badRequest)
        #expect(try await response.text.contains(words))
        #expect(try await bench.store.job(1) == nil)
    }

    @Test func `takes the commit that is live when no ref is given`() async throws {
        let bench = try await bench()
        let router = bench.router()
        let none = await router.respond(to: try post("/deploy/my_app/all"))
        #expect(none.status == .notFound)
        _ = await router.respond(to: try post("/deploy/my_app/all?ref=main"))
        _ = try await bench.store.claim(slots: 1) { _ in [.checkout] }
        try await bench.store.finish(1, as: .succeeded, reason: nil)
        try await bench.store.record(
            .sample("my_app", "all", commit: try #require(CommitID(Self.sha))))
        let again = await router.respond(to: try post("/deploy/my_app/all"))
        #expect(again.status == .accepted)
        let job = try #require(try await bench.store.job(2))
        #expect(job.plan.commit.id?.description == Self.sha)
        #expect(job.plan.commit.subject == "Say hello")
        #expect(job.plan.trigger.ref == Self.sha)
    }

    @Test(arguments: [
        ("/deploy/nope/all?ref=main", 404), ("/deploy/my_app/nope?ref=main", 404), ("/deploy/my_app/all?ref=gone", 404),
        ("/deploy/my_app/all?ref=--upload-pack%3Dtouch%20x", 404), ("/deploy/my_app/all?ref=-x", 404),
        ("/deploy/my_app/all?ref=a..b", 404), ("/jobs/x/cancel", 404), ("/jobs/-1/cancel", 404),
    ])
    func `does not find`(target: String, status: Int) async throws {
        let bench = try await bench()
        let response = await bench.router().respond(to: try post(target))
        #expect(response.status.code == status)
        #expect(try await bench.store.jobs(JobFilter()).isEmpty)
        #expect(bench.refs.asked.withLock { $0 }.allSatisfy { GitRef(.branch, $0) != nil })
    }

    @Test func `a branch whose name begins with a dash is deployed like others`() async throws {
        let bench = try await bench()
        let commit = Commit(id: CommitID(Self.sha), message: "Say hello", author: "Ada")
        bench.refs.known.withLock { $0["-dash"] = commit }
        let response = await bench.router().respond(to: try post("/deploy/my_app/all?ref=-dash"))
        #expect(response.status == .accepted)
        #expect(try await bench.store.job(1)?.plan.trigger.ref == "refs/heads/-dash")
    }

    @Test func `a tag of a tree is not found, and the answer says that it is one`() async throws {
        let bench = try await bench()
        let tag = try #require(GitRef(.tag, "assets"))
        bench.refs.trees.withLock { $0["assets"] = RefIsNoCommit(ref: tag, object: "tree") }
        let response = await bench.router().respond(to: try post("/deploy/my_app/all?ref=assets"))
        #expect(response.status == .notFound)
        #expect(try await response.text.hasPrefix("refs/tags/assets is a tag of a tree ("))
    }

    @Test func `asks for a token before it says what exists`() async throws {
        let bench = try await bench()
        let router = bench.router()
        for target in ["/deploy/nope/all", "/deploy/my_app/all?ref=main", "/jobs/1/cancel"] {
            #expect(await router.respond(to: try post(target, token: nil)).status == .unauthorized)
        }
    }

    @Test func `says so when the repository or the store does not answer`() async throws {
        let bench = try await bench()
        bench.refs.isDown.withLock { $0 = true }
        #expect(await bench.router().respond(to: try post("/deploy/my_app/all?ref=main")).status == .badGateway)
        bench.refs.isDown.withLock { $0 = false }
        let full = bench.router(deliveries: FullStore())
        let response = await full.respond(to: try post("/deploy/my_app/all?ref=main"))
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers["Retry-After"] != nil)
        #expect(
            bench.log.lines.map { String($0.prefix { $0 != "=" }) } == [
                "a repository cannot be asked app", "request refused code", "the store does not answer reason",
                "request refused code",
            ])
    }

    @Test(arguments: [(Job.State.succeeded, nil), (.failed, "the tests\nfailed")] as [(Job.State, String?)])
    func `streams the log until the job ends and says how`(state: Job.State, reason: String?) async throws {
        let bench = try await bench()
        let response = await bench.router(heartbeat: .milliseconds(20)).respond(
            to: try post("/deploy/my_app/all?ref=main&wait=1"))
        #expect(response.status == .accepted)
        #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
        let seen = StreamReader()
        guard case .stream(let write) = response.body else { throw Unexpected() }
        async let reading: Void = write(HTTPBodyWriter { await seen.add($0) })
        try await seen.wait(for: "job 1 is queued")
        _ = try await bench.store.claim(slots: 1) { _ in [.test] }
        await bench.logs.append(Array("one\n".utf8), job: 1, step: .test)
        try await seen.wait(for: "one\n")
        await bench.logs.append(Array("two\n".utf8), job: 1, step: .test)
        try await bench.store.finish(1, as: state, reason: reason)
        try await reading
        let text = await seen.text
        #expect(text.contains("one\n") && text.contains("two\n"))
        let last = reason == nil ? "slipway: job 1 succeeded\n" : "slipway: job 1 failed: the tests\\nfailed\n"
        #expect(text.hasSuffix(last), "\(text)")
    }

    @Test(.endsIfItHangs) func `says that the server stops, for then nobody tells how the job ends`()
        async throws
    {
        let bench = try await bench()
        let response = await bench.router().respond(to: try post("/deploy/my_app/all?ref=main&wait=1"))
        bench.feed.finish()
        let text = try await response.text
        #expect(
            text == "slipway: job 1 queued\n"
                + "slipway: job 1 is queued: the server stops, and goes on with it when it is back; "
                + "GET /jobs/1/log?follow=1 follows it then\n")
    }

    @Test func `the last line is a line of its own, whatever the log ends with`() async throws {
        let bench = try await bench()
        let response = await bench.router().respond(to: try post("/deploy/my_app/all?ref=main&wait=1"))
        _ = try await bench.store.claim(slots: 1) { _ in [.test] }
        await bench.logs.append(Array("50 %".utf8), job: 1, step: .test)
        try await bench.store.finish(1, as: .succeeded, reason: nil)
        #expect(try await response.text.hasSuffix("50 %\nslipway: job 1 succeeded\n"))
    }

    @Test func `the last line comes even if the log cannot be read, and the server's log says so`() async throws {
        let bench = try await bench()
        let response = await bench.router(logs: UnreadableLogs(), heartbeat: .milliseconds(5)).respond(
            to: try post("/deploy/my_app/all?ref=main&wait=1"))
        async let text = response.text
        try await bench.run(upTo: 1, as: .failed, reason: "the tests failed")
        let lines = try await text.split(separator: "\n")
        #expect(lines.contains("slipway: the log of job 1 cannot be read now; this waits for the job's end"))
        #expect(lines.last == "slipway: job 1 failed: the tests failed")
        #expect(bench.log.lines.contains { $0.contains("the log of a job cannot be read") })
    }

    @Test func `wait=quiet ends with the token, and the job goes on`() async throws {
        let bench = try await bench()
        bench.isWelcome.withLock { $0 = false }
        let response = await bench.router(heartbeat: .milliseconds(5)).respond(
            to: try post("/deploy/my_app/all?ref=main&wait=quiet"))
        #expect(response.status == .unauthorized && response.headers["Location"] == "/jobs/1")
        #expect(
            try await response.text
                == "job 1 goes on, and is not waited for here: the token ops does not count any more")
        #expect(try await bench.store.job(1)?.state == .queued)
    }

    @Test(
        arguments: [
            (Job.State.succeeded, nil, 200), (.failed, "the tests failed", 424), (.cancelled, "by ops", 424),
            (.superseded, "a newer push", 424),
        ] as [(Job.State, String?, Int)])
    func `wait=quiet answers at the end, with the job and whether it succeeded`(
        state: Job.State, reason: String?, status: Int
    ) async throws {
        let bench = try await bench()
        let router = bench.router(heartbeat: .milliseconds(5))
        async let answer = router.respond(to: try post("/deploy/my_app/all?ref=main&wait=quiet"))
        try await bench.run(upTo: 1, as: state, reason: reason)
        let response = try await answer
        #expect(response.status.code == status && response.headers["Location"] == "/jobs/1")
        let job = try #require(try await response.object["job"] as? [String: Any])
        #expect(job["id"] as? Int == 1 && job["state"] as? String == state.rawValue)
        #expect(job["reason"] as? String == reason)
    }

    @Test(.endsIfItHangs) func `wait=quiet says that the server stops, and not that the job failed`()
        async throws
    {
        let bench = try await bench()
        bench.feed.finish()
        let response = await bench.router().respond(to: try post("/deploy/my_app/all?ref=main&wait=quiet"))
        #expect(response.status == .serviceUnavailable && response.headers["Location"] == "/jobs/1")
        #expect(
            try await response.text
                == "job 1 is queued: the server stops, and goes on with it when it is back; do not ask for it again: "
                + "GET /jobs/1 tells how it ends")
    }

    @Test(.endsIfItHangs) func `a streamed log ends with the token that asked for it`() async throws {
        let bench = try await bench()
        let response = await bench.router(heartbeat: .milliseconds(20)).respond(
            to: try post("/deploy/my_app/all?ref=main&wait=1"))
        guard case .stream(let write) = response.body else { throw Unexpected() }
        let seen = StreamReader()
        async let reading: Void = write(HTTPBodyWriter { await seen.add($0) })
        try await seen.wait(for: "job 1 is queued")
        bench.isWelcome.withLock { $0 = false }
        _ = try await bench.store.claim(slots: 1) { _ in [.test] }
        await bench.logs.append(Array("too late\n".utf8), job: 1, step: .test)
        try await reading
        let text = await seen.text
        #expect(!text.contains("too late"))
        #expect(
            text.hasSuffix("slipway: job 1 goes on, and its log ends here: the token ops does not count any more\n"))
        #expect(try await bench.store.job(1)?.state == .running)
    }

    private struct Unexpected: Error {}

    @Test func `a caller who leaves cancels nothing`() async throws {
        let bench = try await bench()
        let response = await bench.router(heartbeat: .milliseconds(5)).respond(
            to: try post("/deploy/my_app/all?ref=main&wait=1"))
        guard case .stream(let write) = response.body else { throw Unexpected() }
        await #expect(throws: Unexpected.self) {
            try await write(HTTPBodyWriter { _ in throw Unexpected() })
        }
        #expect(try await bench.store.job(1)?.state == .queued)
        #expect(bench.control.asked.withLock { $0.isEmpty })
    }

    @Test func `cancels by whoever runs the jobs`() async throws {
        let bench = try await bench()
        let router = bench.router()
        _ = await router.respond(to: try post("/deploy/my_app/all?ref=main"))
        let response = await router.respond(to: try post("/jobs/1/cancel"))
        #expect(response.status == .accepted)
        #expect(bench.control.asked.withLock { $0 } == ["1 by ops"])
        for (answer, status) in [
            (Cancellation.unknownJob, 404), (.hasEnded(.failed), 409), (.passedPointOfNoReturn(.migrate), 409),
        ] {
            bench.control.answer.withLock { $0 = answer }
            #expect(await router.respond(to: try post("/jobs/1/cancel")).status.code == status)
        }
    }

    @Test func `pauses and resumes the queue for who may deploy`() async throws {
        let bench = try await bench()
        let router = bench.router()
        #expect(await router.respond(to: try post("/pause", token: nil)).status == .unauthorized)
        let paused = await router.respond(to: try post("/pause"))
        #expect(paused.status == .ok)
        #expect((try await paused.object["paused"] as? [String: Any])?["by"] as? String == "ops")
        #expect(try await bench.store.queue().paused?.by == "ops")
        let resumed = await router.respond(to: try post("/resume"))
        #expect(try await resumed.object["paused"] is NSNull)
        #expect(try await bench.store.queue().paused == nil)
    }
}

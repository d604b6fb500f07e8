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

struct RollbackRequestsTests {
    /// With two commits deployed one after the other by jobs 1 and 2.
    private func bench() async throws -> IntakeBench {
        let bench = try await IntakeBench(apps: [IntakeBench.app("owner/my_app")])
        for (number, name) in (["a", "b"] as [Character]).enumerated() {
            bench.refs.known.withLock {
                $0["\(name)"] = Commit(id: .sample(name), message: "Commit \(name)", author: "Ada")
            }
            _ = await bench.router().respond(to: try post("/deploy/my_app/all?ref=\(name)"))
            try await bench.release(.sample(name), "sha256:\(name)", job: JobID(number + 1))
        }
        return bench
    }

    private func post(_ target: String, token: String? = "Bearer ops") throws -> HTTPRequest {
        var request = HTTPRequest(method: .post, target: try #require(HTTPTarget(target)))
        request.headers["Authorization"] = token
        return request
    }

    @Test func `queues a rollback to what was live before`() async throws {
        let bench = try await bench()
        let response = await bench.router().respond(to: try post("/rollback/my_app/all"))
        #expect(response.status == .accepted)
        #expect(response.headers["Location"] == "/jobs/3")
        let shown = try #require(try await response.object["job"] as? [String: Any])
        let trigger = try #require(shown["trigger"] as? [String: Any])
        #expect(trigger["kind"] as? String == "rollback" && trigger["ref"] as? String == "job 1")
        #expect((shown["commit"] as? [String: Any])?["sha"] as? String == CommitID.sample("a").description)
        #expect((shown["commit"] as? [String: Any])?["message"] as? String == "Commit a")
        let job = try #require(try await bench.store.job(3))
        #expect(job.plan.trigger.by == "ops" && Priority(job.plan) == .rollback && !job.plan.isSupersedable)
    }

    @Test(arguments: [(Job.State.succeeded, 200), (.failed, 424)]) func `waits quietly for its end`(
        state: Job.State, status: Int
    ) async throws {
        let bench = try await bench()
        let router = bench.router(heartbeat: .milliseconds(5))
        async let answer = router.respond(to: try post("/rollback/my_app/all?wait=quiet"))
        try await bench.run(upTo: 3, as: state)
        let response = try await answer
        #expect(response.status.code == status && response.headers["Location"] == "/jobs/3")
        #expect((try await response.object["job"] as? [String: Any])?["state"] as? String == state.rawValue)
    }

    @Test func `rolls back to what a job released, and says how it ends`() async throws {
        let bench = try await bench()
        try await bench.release(.sample("a"), "sha256:c", job: 9)
        let response = await bench.router().respond(to: try post("/rollback/my_app/all?to=1&wait=1"))
        #expect(response.status == .accepted && response.headers["Location"] == "/jobs/3")
        #expect(try await bench.store.job(3)?.plan.trigger.releasingJob == 1)
        _ = try await bench.store.claim(slots: 1) { _ in [.push] }
        try await bench.store.finish(3, as: .succeeded, reason: nil)
        #expect(try await response.text.hasSuffix("slipway: job 3 succeeded\n"))
        #expect(try await bench.store.holds()["my_app", "all"].pause?.rollback == 3)
    }

    @Test(arguments: [
        ("/rollback/nope/all", 404, "no app"), ("/rollback/my_app/nope", 404, "has no target"),
        ("/rollback/my_app/all?to=x", 400, "?to=12"), ("/rollback/my_app/all?to=0", 400, "?to=12"),
        ("/rollback/my_app/all?to=7", 404, "job 7 released nothing at my_app/all"),
        ("/rollback/my_app/all?to=2", 409, "what job 2 released is live at my_app/all"),
    ])
    func `says why there is no way back`(target: String, status: Int, words: String) async throws {
        let bench = try await bench()
        let response = await bench.router().respond(to: try post(target))
        #expect(response.status.code == status)
        #expect(try await response.text.contains(words))
        #expect(try await bench.store.job(3) == nil)
    }

    @Test func `has no way back before there were two images`() async throws {
        let bench = try await IntakeBench(apps: [IntakeBench.app("owner/my_app")])
        let nothing = await bench.router().respond(to: try post("/rollback/my_app/all"))
        #expect(nothing.status == .notFound)
        #expect(try await nothing.text.contains("nothing is live"))
        try await bench.release(.sample("a"), "sha256:a", job: 1)
        let first = await bench.router().respond(to: try post("/rollback/my_app/all"))
        #expect(first.status == .notFound)
        #expect(try await first.text.contains("never run another image"))
    }

    @Test func `locks a target in the name of who was first, and unlocks it`() async throws {
        let bench = try await bench()
        let router = bench.router()
        let silent = await router.respond(to: try post("/lock/my_app/all"))
        #expect(silent.status == .badRequest)
        let locked = await router.respond(to: try post("/lock/my_app/all?reason=moving+the+database"))
        #expect(locked.status == .ok)
        let answer = try await locked.object
        #expect(answer["app"] as? String == "my_app" && answer["target"] as? String == "all")
        #expect(
            answer["message"] as? String == "my_app/all is locked by ops: moving the database; "
                + "POST /unlock/my_app/all unlocks it")
        let lock = try #require(answer["locked"] as? [String: Any])
        #expect(Set(lock.keys) == ["by", "since", "reason"])
        #expect(lock["by"] as? String == "ops" && lock["reason"] as? String == "moving the database")
        #expect(answer["paused"] is NSNull)

        let again = try await router.respond(to: try post("/lock/my_app/all?reason=later")).object
        #expect((again["locked"] as? [String: Any])?["reason"] as? String == "moving the database")
        #expect(
            again["message"] as? String
                == "my_app/all was locked already by ops: moving the database; that lock stays")

        for path in ["/deploy/my_app/all?ref=a", "/rollback/my_app/all"] {
            let refused = await router.respond(to: try post(path))
            #expect(refused.status == .conflict)
            #expect(
                try await refused.text
                    == "my_app/all is locked by ops: moving the database; POST /unlock/my_app/all unlocks it")
        }
        let unlocked = await router.respond(to: try post("/unlock/my_app/all"))
        #expect(unlocked.status == .ok)
        // Of who unlocked it nothing else tells.
        #expect(bench.log.lines.last == "unlock app=my_app by=ops now=my_app/all is not locked target=all")
        #expect(try await unlocked.object["locked"] is NSNull)
        #expect(await router.respond(to: try post("/rollback/my_app/all")).status == .accepted)
    }

    @Test func `a hold can be taken off a target that is no longer configured`() async throws {
        let bench = try await bench()
        let router = bench.router()
        _ = try await bench.store.lock(app: "my_app", target: "gone", by: "ana", reason: "a move")
        _ = try await bench.store.pause(app: "my_app", target: "gone", by: "ana")
        #expect(await router.respond(to: try post("/lock/my_app/gone?reason=x")).status == .notFound)
        #expect(await router.respond(to: try post("/unlock/my_app/gone")).status == .ok)
        #expect(await router.respond(to: try post("/resume/my_app/gone")).status == .ok)
        #expect(await router.respond(to: try post("/unlock/my_app/gone")).status == .notFound)
    }

    @Test func `pauses and resumes one target`() async throws {
        let bench = try await bench()
        let router = bench.router()
        let paused = try await router.respond(to: try post("/pause/my_app/all")).object
        let pause = try #require(paused["paused"] as? [String: Any])
        #expect(Set(pause.keys) == ["by", "since", "rollback"])
        #expect(pause["by"] as? String == "ops" && pause["rollback"] is NSNull)
        #expect(try await bench.store.queue().paused == nil)
        #expect(await router.respond(to: try post("/deploy/my_app/all?ref=a")).status == .accepted)
        let resumed = try await router.respond(to: try post("/resume/my_app/all")).object
        #expect(resumed["paused"] is NSNull && resumed["message"] as? String == "my_app/all is not paused")
    }

    @Test func `says what still holds jobs back when one hold is taken off`() async throws {
        let bench = try await bench()
        let router = bench.router()
        for path in ["/pause", "/pause/my_app/all", "/lock/my_app/all?reason=moving"] {
            #expect(await router.respond(to: try post(path)).status == .ok)
        }
        let resumed = try await router.respond(to: try post("/resume/my_app/all")).object
        #expect(resumed["paused"] is NSNull && (resumed["locked"] as? [String: Any])?["by"] as? String == "ops")
        #expect((resumed["queue_paused"] as? [String: Any])?["by"] as? String == "ops")
        let locked = "it is still locked by ops: moving, so no job starts there; POST /unlock/my_app/all unlocks it"
        let queue =
            "the whole queue is still paused by ops, so only what is asked for by hand runs; POST /resume lets the "
            + "others go on"
        #expect(resumed["message"] as? String == "my_app/all is not paused; \(locked); \(queue)")
        let whole = try await router.respond(to: try post("/resume")).object
        #expect(whole["message"] as? String == "the queue is not paused; still held: my_app/all (locked)")
        #expect(
            bench.log.lines.last
                == "resume by=ops now=the queue is not paused; still held: my_app/all (locked)")
        let unlocked = try await router.respond(to: try post("/unlock/my_app/all")).object
        #expect(unlocked["message"] as? String == "my_app/all is not locked")
        let again = try await router.respond(to: try post("/unlock/my_app/all")).object
        #expect(again["message"] as? String == "my_app/all was not locked")
        let nothing = try await router.respond(to: try post("/resume")).object
        #expect(nothing["message"] as? String == "the queue was not paused")
    }

    @Test(arguments: [
        ("/unlock/my_app/all", "/?done=unlock&at=my_app/all&changed=0"),
        ("/pause/my_app/all", "/?done=pause&at=my_app/all&changed=1"), ("/pause", "/?done=pause&changed=1"),
    ])
    func `leads a browser to the page that says what is so now`(path: String, location: String) async throws {
        var request = try post(path)
        request.headers["Cookie"] = "a session"
        let answer = await (try bench()).router().respond(to: request)
        #expect(answer.status == .seeOther && answer.headers["Location"] == location)
    }

    @Test func `what is done and what is refused has a line, what a stranger asks for has none`() async throws {
        let bench = try await bench()
        let router = bench.router()
        let deployed = await router.respond(to: try post("/deploy/my_app/all?ref=a"))
        #expect(deployed.status == .accepted)
        let job = try #require(try await bench.store.jobs(JobFilter()).first)
        #expect(
            bench.log.lines.last
                == "delivery app=my_app commit=\(try #require(job.plan.commit.id)) decision=queued "
                + "delivery=\(job.plan.trigger.delivery) event=deploy jobs=\(job.id) ref=refs/heads/a sender=ops source=api "
                + "target=all")
        _ = await router.respond(to: try post("/lock/my_app/all?reason=moving"))
        #expect(await router.respond(to: try post("/rollback/my_app/all")).status == .conflict)
        #expect(
            bench.log.lines.last
                == "request refused code=locked path=/rollback/my_app/all reason=my_app/all is locked by ops: moving; "
                + "POST /unlock/my_app/all unlocks it status=409")
        let count = bench.log.lines.count
        #expect(await router.respond(to: try post("/rollback/my_app/all", token: nil)).status == .unauthorized)
        #expect(bench.log.lines.count == count)
    }

    @Test(arguments: ["rollback", "lock", "unlock", "pause", "resume"])
    func `asks for a token before it says what exists`(path: String) async throws {
        let router = try await bench().router()
        for target in ["nope/all", "my_app/all"] {
            #expect(await router.respond(to: try post("/\(path)/\(target)", token: nil)).status == .unauthorized)
        }
        #expect(await router.respond(to: try post("/\(path)/my_app/nope")).status == .notFound)
    }
}

extension IntakeBench {
    /// Ends the next job, if one is queued, and records what it released.
    fileprivate func release(_ commit: CommitID, _ image: String, job: JobID) async throws {
        if let claimed = try await store.claim(slots: 9, steps: { _ in [.release] }) {
            try await store.finish(claimed.id, as: .succeeded, reason: nil)
        }
        try await store.record(
            .sample("my_app", "all", job: job, commit: commit, image: image, version: Int(job)))
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayStore
import Synchronization
import TestLogs
import TestSupport
import Testing

@testable import SlipwayIntake

/// The failed deliveries of a webhook, over HTTP from a stand-in for GitHub's API.
@Suite(.endsIfItHangs) struct MissedDeliveriesTests {
    let gitHub = FakeGitHub()

    private func put(_ attempts: FakeGitHub.Attempt...) {
        gitHub.state.withLock { $0.attempts = attempts }
    }

    /// A first look has been at main on commit 1, when attempt 10 was the last.
    private func withBench(
        publicURL: String? = "https://deploy.example", _ test: (CatchUpBench) async throws -> Void
    ) async throws {
        try await gitHub.serve { url in
            let bench = try await CatchUpBench(publicURL: publicURL, api: url)
            put(.init(id: 10, guid: "old", event: "push", payload: CatchUpBench.push("refs/heads/main", 1)))
            try bench.tips.put(["refs/heads/main": 1])
            await bench.look()
            #expect(try await bench.jobs().isEmpty)
            try await test(bench)
        }
    }

    @Test func `a push that failed to arrive is taken in as if it had, and deployed once`() async throws {
        try await withBench { bench in
            #expect(gitHub.asked == ["/repos/octo/shop/hooks", "/repos/octo/shop/hooks/7/deliveries"])
            let payload = CatchUpBench.push("refs/heads/main", 2)
            put(
                .init(id: 12, guid: "p", event: "push", payload: payload), .init(id: 11, guid: "i", event: "issues"),
                .init(id: 10, guid: "old", event: "push"))
            try bench.tips.put(["refs/heads/main": 2])
            for _ in 1...2 { await bench.look() }
            #expect(try await bench.jobs() == ["1 push refs/heads/main 2222222"])
            let plan = try #require(try await bench.bench.store.job(1)?.plan)
            #expect(plan.trigger.delivery == "p" && plan.trigger.by == "ana" && plan.commit.subject == "Sell 2")
            #expect(try await bench.bench.store.body(delivery: "p") == Array(payload.utf8))
            #expect(gitHub.asked.filter { $0.hasSuffix("/12") }.count == 1)
            #expect(gitHub.state.withLock { $0.tokens } == ["Bearer ghp_of_the_tests"])
            // It was late, not lost.
            let again = try IntakeBench.delivery("push", Array(payload.utf8), guid: "p")
            #expect(await bench.bench.router().respond(to: again).status == .ok)
            #expect(bench.reported.isEmpty)
        }
    }

    @Test func `a webhook of the organization is gone through for the deliveries of the app's repository`() async throws
    {
        gitHub.state.withLock { $0.place = "/orgs/octo" }
        try await withBench { bench in
            put(
                .init(
                    id: 12, guid: "b", event: "push", repositoryID: 8, payload: CatchUpBench.push("refs/heads/main", 2)),
                .init(id: 11, guid: "a", event: "push", payload: CatchUpBench.push("refs/heads/main", 2)))
            try bench.tips.put(["refs/heads/main": 2])
            await bench.look()
            #expect(try await bench.jobs() == ["1 push refs/heads/main 2222222"])
            #expect(try await bench.bench.store.job(1)?.plan.trigger.delivery == "a")
            #expect(gitHub.asked.last == "/orgs/octo/hooks/7/deliveries/11")
        }
    }

    @Test func `of many pushes only the newest is deployed, and what arrived is not taken`() async throws {
        try await withBench { bench in
            put(
                .init(id: 15, guid: "b", event: "push", hasArrived: true),
                .init(id: 14, guid: "c", event: "push", payload: CatchUpBench.push("refs/heads/main", 3)),
                .init(id: 13, guid: "b", event: "push", payload: CatchUpBench.push("refs/heads/idea", 4)),
                .init(id: 12, guid: "a", event: "push", payload: CatchUpBench.push("refs/heads/main", 2)))
            try bench.tips.put(["refs/heads/main": 3])
            await bench.look()
            #expect(try await bench.jobs() == ["1 push refs/heads/main 3333333"])
            #expect(!gitHub.asked.contains { $0.hasSuffix("/13") || $0.hasSuffix("/15") })
        }
    }

    @Test func `a push that was overtaken is left to the branch itself`() async throws {
        try await withBench { bench in
            put(.init(id: 12, guid: "a", event: "push", payload: CatchUpBench.push("refs/heads/main", 2)))
            try bench.tips.put(["refs/heads/main": 3])
            await bench.look()
            #expect(try await bench.jobs() == ["1 catch-up refs/heads/main 3333333"])
        }
    }

    @Test func `the newest release is taken, unless it has arrived`() async throws {
        try await withBench { (bench) async throws in
            put(release(13, "r3"), release(12, "r2"), release(11, "r1"))
            await bench.look()
            #expect(try await bench.jobs() == ["1 release refs/tags/r3 -"])
            put(release(17, "r4"), release(16, "r5", hasArrived: true), release(15, "r4"), release(13, "r3"))
            await bench.look()
            #expect(try await bench.jobs().count == 1)
        }
    }

    @Test func `a target gets the newest release that it takes, whatever pre-releases came after that`() async throws {
        try await withBench { (bench) async throws in
            put(release(13, "rc2", prerelease: true), release(12, "r1"), release(11, "r0"))
            await bench.look()
            #expect(try await bench.jobs() == ["1 release refs/tags/r1 -"])
            var staging = CatchUpBench.shop.targets[0]
            staging.name = "staging"
            staging.when = DeployCondition(release: "published", prereleases: true)
            bench.bench.configuration.value.apps[0].targets.append(staging)
            put(
                release(17, "rc4", prerelease: true), release(16, "r3", hasArrived: true),
                release(15, "rc3", prerelease: true), release(14, "r2"))
            await bench.look()
            // What arrived was decided over when it did.
            #expect(try await bench.jobs().dropFirst() == ["2 release refs/tags/rc4 -"])
            #expect(try await bench.bench.store.job(2)?.plan.target == "staging")
        }
    }

    @Test func `a hook whose address ends in a slash is this server's, too`() async throws {
        gitHub.state.withLock { $0.hookURL = "https://deploy.example/hooks/github/" }
        try await withBench { bench in
            put(.init(id: 12, guid: "p", event: "push", payload: CatchUpBench.push("refs/heads/main", 2)))
            try bench.tips.put(["refs/heads/main": 2])
            await bench.look()
            #expect(try await bench.jobs() == ["1 push refs/heads/main 2222222"])
            #expect(
                bench.delivered.last
                    == "delivery app=shop commit=\(CatchUpBench.commit(2)) decision=queued delivery=p event=push jobs=1 "
                    + "ref=refs/heads/main repository=octo/shop sender=ana source=github target=production")
        }
    }

    private func release(
        _ id: Int64, _ tag: String, prerelease: Bool = false, hasArrived: Bool = false
    ) -> FakeGitHub.Attempt {
        .init(
            id: id, guid: tag, event: "release", action: "published", hasArrived: hasArrived,
            payload: CatchUpBench.release(tag, prerelease: prerelease))
    }

    @Test func `goes back page by page to what it knows, and asks nobody else`() async throws {
        try await withBench { bench in
            _ = gitHub.asked
            gitHub.state.withLock { state in
                state.pageSize = 2
                state.attempts = (11...13).reversed().map { .init(id: $0, guid: "\($0)", event: "issues") }
                state.attempts.append(.init(id: 10, guid: "old", event: "push"))
                state.attempts += (1...9).reversed().map { .init(id: $0, guid: "\($0)", event: "push") }
            }
            await bench.look()
            let page = "/repos/octo/shop/hooks/7/deliveries"
            #expect(gitHub.asked == ["/repos/octo/shop/hooks", page, page])
        }
    }

    @Test func `an answer that is cut off or refused is asked for again, and said once`() async throws {
        try await withBench { bench in
            put(.init(id: 12, guid: "p", event: "push", payload: CatchUpBench.push("refs/heads/main", 2)))
            gitHub.state.withLock { $0.refusal = .json(Array("{}".utf8), status: .internalServerError) }
            for _ in 1...3 { await bench.look() }
            gitHub.state.withLock { $0.refusal = nil }
            try bench.tips.put(["refs/heads/main": 2])
            await bench.look()
            #expect(try await bench.jobs() == ["1 push refs/heads/main 2222222"])
            let what = "asking GitHub for the failed deliveries of octo/shop"
            #expect(
                bench.reported == [
                    "\(what) fails, and is tried again until it works: GitHub's API answers 500", "\(what) works again",
                ])
        }
    }

    @Test(arguments: [401, 403, 404])
    func `without the right to read hooks one line is all, and pushes are found all the same`(_ status: Int)
        async throws
    {
        try await withBench { bench in
            gitHub.state.withLock { $0.refusal = .json(Array("{}".utf8), status: HTTPStatus(status)) }
            try bench.tips.put(["refs/heads/main": 2])
            for _ in 1...2 { await bench.look() }
            #expect(try await bench.jobs() == ["1 catch-up refs/heads/main 2222222"])
            let lines = bench.reported
            #expect(lines.count == 1)
            #expect(lines.first?.contains("may not read the repository's webhooks") == true)
        }
    }

    @Test func `a limit is kept to`() async throws {
        try await withBench { bench in
            var refusal = HTTPResponse.json(Array("{}".utf8), status: HTTPStatus(429))
            refusal.headers["Retry-After"] = "600"
            gitHub.state.withLock { $0.refusal = refusal }
            await bench.look()
            _ = gitHub.asked
            for _ in 1...2 { await bench.look() }
            #expect(gitHub.asked.isEmpty)
            gitHub.state.withLock { $0.refusal = nil }
            await bench.look()
            #expect(!gitHub.asked.isEmpty)
        }
    }

    @Test func `a redirect is not followed`() async throws {
        let elsewhere = FakeGitHub()
        try await elsewhere.serve { url in
            try await withBench { bench in
                var moved = HTTPResponse.json(Array("{}".utf8), status: HTTPStatus(301))
                moved.headers["Location"] = url + "/repositories/9/hooks"
                gitHub.state.withLock { $0.refusal = moved }
                await bench.look()
                #expect(elsewhere.asked.isEmpty)
                #expect(bench.reported.first?.contains("the repository has moved") == true)
            }
        }
    }

    @Test func `says which webhook is missing, or that nobody can tell which it is`() async throws {
        gitHub.state.withLock { $0.hookURL = "https://other.example/hooks/github" }
        try await withBench { bench in
            #expect(
                bench.reported.first?.contains("no webhook for https://deploy.example/hooks/github")
                    == true)
        }
        try await withBench(publicURL: nil) { bench in
            await bench.look()
            let lines = bench.reported
            #expect(lines.count == 1 && lines[0].contains("server.public_url is not set"))
        }
    }
}

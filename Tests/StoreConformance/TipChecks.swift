import Foundation
import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct TipChecks {
    let bench: StoreBench

    static func add(to list: inout StoreCheck.List) {
        list.add("an app that was never looked at is told from one without refs") {
            try await Self(bench: $0).`an app that was never looked at is told from one without refs`()
        }
        list.add("an app that means another repository begins again") {
            try await Self(bench: $0).`an app that means another repository begins again`()
        }
        list.add("remembers what moved, what came, and forgets what is gone", restarts: true) {
            try await Self(bench: $0).`remembers what moved, what came, and forgets what is gone`()
        }
        list.add("a push is noted with its jobs, and what a person deploys is not") {
            try await Self(bench: $0).`a push is noted with its jobs, and what a person deploys is not`()
        }
        list.add("a delivery that comes during a look knows better") {
            try await Self(bench: $0).`a delivery that comes during a look knows better`()
        }
        list.add("only the targets that the commit was not deployed to are open") {
            try await Self(bench: $0).`only the targets that the commit was not deployed to are open`()
        }
        list.add("what a delivery said and the repository did not show is deployed once it shows it") {
            try await Self(bench: $0)
                .`what a delivery said and the repository did not show is deployed once it shows it`()
        }
        list.add("what was delivered since a checkout's look stays noted") {
            try await Self(bench: $0).`what was delivered since a checkout's look stays noted`()
        }
        list.add("a move makes its jobs once") { try await Self(bench: $0).`a move makes its jobs once`() }
        list.add("remembers how far a webhook's deliveries were gone through, for each app") {
            try await Self(bench: $0).`remembers how far a webhook's deliveries were gone through, for each app`()
        }
    }

    let app = App(
        name: "shop", repository: "ana/shop", cloneURL: "file:///shop",
        targets: [
            Target(
                name: "production", place: Place(platform: "heroku", name: "shop"),
                when: DeployCondition(branches: [Glob("main")])),
            Target(
                name: "homolog", place: Place(platform: "heroku", name: "shop-homolog"),
                when: DeployCondition(branches: [Glob("main")])),
        ])

    let main = GitRef(.branch, "main")!

    let idea = GitRef(.branch, "idea")!

    private func tip(_ ref: GitRef, _ number: Int) -> Tip { Tip(ref: ref, commit: .sample(number)) }

    private func move(from: Int?, to: Int) throws -> TipMove {
        let seen = from.map { [main: CommitID.sample($0)] } ?? [:]
        return try #require(TipMove.all(of: app, seen: seen, now: [tip(main, to)]) { "g" }.first)
    }

    func `an app that was never looked at is told from one without refs`() async throws {
        let store = try await bench.open()
        #expect(try await store.seenTips(of: app) == nil)
        // What a delivery told of one ref is not all that there is.
        try await store.ask(.sample(commit: 1))
        #expect(try await store.seenTips(of: app) == nil)
        try await store.note([], of: app, before: nil)
        #expect(try await store.seenTips(of: app) == [:])
    }

    func `an app that means another repository begins again`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1), tip(idea, 1)], of: app, before: nil)
        var other = app
        other.repository = "ana/other"
        #expect(try await store.seenTips(of: other) == nil)
        try await store.note([tip(main, 2)], of: other, before: nil)
        #expect(try await store.seenTips(of: other) == [main: CommitID.sample(2)])
    }

    func `remembers what moved, what came, and forgets what is gone`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1), tip(idea, 1)], of: app, before: nil)
        let seen = try #require(try await store.seenTips(of: app))
        let tag = try #require(GitRef(.tag, "v1"))
        try await store.note([tip(main, 2), tip(tag, 2)], of: app, before: seen)
        try await store.close()
        let again = try await bench.open()
        #expect(try await again.seenTips(of: app) == [main: CommitID.sample(2), tag: CommitID.sample(2)])
    }

    func `a push is noted with its jobs, and what a person deploys is not`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1)], of: app, before: nil)
        try await store.ask(.sample(commit: 2), .sample("shop", "homolog", commit: 2))
        #expect(try await store.seenTips(of: app) == [main: CommitID.sample(2)])
        try await store.ask(.sample("shop", "production", .deploy, commit: 3))
        try await store.ask(.sample("shop", "production", .release, ref: "refs/tags/v1", commit: nil))
        #expect(try await store.seenTips(of: app) == [main: CommitID.sample(2)])
    }

    func `a delivery that comes during a look knows better`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1), tip(idea, 1)], of: app, before: nil)
        let seen = try #require(try await store.seenTips(of: app))
        // The repository answers 2, and before the answer is here two deliveries tell more.
        try await store.ask(.sample(commit: 3))
        try await store.ask(.sample("shop", nil, ref: "refs/heads/idea", commit: 3))
        #expect(try await store.open(try move(from: 1, to: 2), of: app).isEmpty)
        try await store.note([tip(main, 2)], of: app, before: seen)
        #expect(try await store.seenTips(of: app) == [main: CommitID.sample(3), idea: CommitID.sample(3)])
    }

    func `only the targets that the commit was not deployed to are open`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1)], of: app, before: nil)
        let move = try move(from: 1, to: 2)
        #expect(try await store.open(move, of: app).map(\.target) == ["production", "homolog"])
        try await store.ask(.sample("shop", "production", .deploy, commit: 2))
        #expect(try await store.open(move, of: app).map(\.target) == ["homolog"])
        // Something else came after it: the branch went back to where it was.
        try await store.ask(.sample("shop", "production", .deploy, commit: 3))
        #expect(try await store.open(move, of: app).map(\.target) == ["production", "homolog"])
    }

    func `what a delivery said and the repository did not show is deployed once it shows it`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1)], of: app, before: nil)
        let job = try await store.queueJob(.sample(commit: 2))
        _ = try await store.claimJob()
        // Its checkout sees the old tip, which is live.
        #expect(try await store.follow(job.id, to: Commit(id: .sample(1)), joins: 0) == nil)
        try await store.update(Step(name: .checkout, state: .skipped), of: job.id)
        try await store.finish(job.id, as: .superseded, reason: nil)
        var seen = try #require(try await store.seenTips(of: app))
        #expect(seen.isEmpty)
        #expect(try await store.open(try move(from: nil, to: 2), of: app).map(\.target) == ["production", "homolog"])

        // The next one's branch is not there at all.
        try await store.ask(.sample(commit: 3))
        let next = try #require(try await store.claimJob()).id
        try await store.update(Step(name: .checkout, state: .skipped), of: next)
        try await store.forgetTip(of: next)
        seen = try #require(try await store.seenTips(of: app))
        #expect(seen.isEmpty)
        #expect(try await store.open(try move(from: nil, to: 3), of: app).map(\.target) == ["production", "homolog"])
    }

    func `what was delivered since a checkout's look stays noted`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1)], of: app, before: nil)
        let job = try await store.queueJob(.sample(commit: 2))
        _ = try await store.claimJob()
        try await store.ask(.sample(commit: 3))
        #expect(try await store.follow(job.id, to: Commit(id: .sample(1)), joins: 0) == nil)
        #expect(try await store.seenTips(of: app) == [main: CommitID.sample(3)])
    }

    func `a move makes its jobs once`() async throws {
        let store = try await bench.open()
        try await store.note([tip(main, 1)], of: app, before: nil)
        let move = try move(from: 1, to: 2)
        let delivery = Delivery(guid: move.guid, source: .catchUp, event: "catch-up")
        let receipt = try await store.record(delivery, .plans(move.plans), repository: nil)
        guard case .queued(let jobs) = receipt else { throw Unexpected(what: "\(receipt)") }
        #expect(jobs.map(\.plan.trigger.kind) == [.catchUp, .catchUp])
        #expect(try await store.seenTips(of: app) == [main: CommitID.sample(2)])
        #expect(try await store.open(move, of: app).isEmpty)
        let again = try await store.record(delivery, .plans(move.plans), repository: nil)
        guard case .duplicate = again else { throw Unexpected(what: "\(again)") }
    }

    func `remembers how far a webhook's deliveries were gone through, for each app`() async throws {
        let store = try await bench.open()
        #expect(try await store.lastDelivery(of: 7, app: app) == nil)
        try await store.note(lastDelivery: 100, of: 7, app: app)
        try await store.note(lastDelivery: 120, of: 7, app: app)
        try await store.note(lastDelivery: 9, of: 8, app: app)
        #expect(try await store.lastDelivery(of: 7, app: app) == 120)
        let other = App(name: "docs", repository: "ana/shop", cloneURL: "file:///shop")
        #expect(try await store.lastDelivery(of: 7, app: other) == nil)
    }
}

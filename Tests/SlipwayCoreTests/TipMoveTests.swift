import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct TipMoveTests {
    let app = App(
        name: "shop", repository: "octo/shop", cloneURL: "file:///shop",
        targets: [
            Target(
                name: "homolog", place: Place(platform: "heroku", name: "shop-homolog"),
                when: DeployCondition(branches: [Glob("main")])),
            Target(
                name: "preview", place: Place(platform: "heroku", name: "shop-preview"),
                when: DeployCondition(branches: [Glob("main"), Glob("feature/*")], tags: [Glob("v*")])),
            Target(
                name: "production", place: Place(platform: "heroku", name: "shop"),
                when: DeployCondition(release: "published")),
        ])

    /// `refs/heads/main 1` is a tip.
    private func tips(_ lines: String...) throws -> [Tip] {
        try lines.map { line in
            let parts = line.split(separator: " ")
            return Tip(ref: try #require(GitRef(String(parts[0]))), commit: .sample(Character(String(parts[1]))))
        }
    }

    private func moves(of app: App? = nil, seen: [Tip], now: [Tip]) -> [TipMove] {
        var number = 0
        let seen = Dictionary(uniqueKeysWithValues: seen.map { ($0.ref, $0.commit) })
        return TipMove.all(of: app ?? self.app, seen: seen, now: now) {
            number += 1
            return "guid \(number)"
        }
    }

    @Test func `a branch that moved is deployed to every target that watches it, in nobody's name`() throws {
        let found = moves(seen: try tips("refs/heads/main 1"), now: try tips("refs/heads/main 2"))
        let move = try #require(found.first)
        #expect(found.count == 1)
        #expect(move.from == .sample("1"))
        #expect(move.to == .sample("2"))
        #expect(move.plans.map(\.target) == ["homolog", "preview"])
        for plan in move.plans {
            #expect(plan.app == "shop")
            #expect(plan.commit == Commit(id: move.to))
            let trigger = Trigger(kind: .catchUp, ref: "refs/heads/main", delivery: move.guid, by: nil)
            #expect(plan.trigger == trigger)
        }
    }

    @Test func `what stays, is gone, or is watched by nothing asks for nothing`() throws {
        let seen = try tips("refs/heads/main 1", "refs/heads/feature/login 1", "refs/heads/old 1", "refs/tags/v1 1")
        #expect(moves(seen: seen, now: seen).isEmpty)
        #expect(moves(seen: seen, now: []).isEmpty)
        let now = try tips("refs/heads/main 1", "refs/heads/old 2", "refs/heads/feature/a/b 2", "refs/tags/nightly 2")
        #expect(moves(seen: seen, now: now).isEmpty)
    }

    @Test func `of several tags to a target the last is deployed`() throws {
        var app = app
        app.targets.append(
            Target(
                name: "canary", place: Place(platform: "heroku", name: "shop-canary"),
                when: DeployCondition(tags: [Glob("v*"), Glob("x")])))
        let found = moves(
            of: app, seen: try tips("refs/tags/v11 1"),
            now: try tips("refs/tags/v2 2", "refs/tags/v9 3", "refs/tags/v10 4", "refs/tags/v11 1", "refs/tags/x 5"))
        #expect(found.map(\.ref.name) == ["v10", "x"])
        #expect(found.map { $0.plans.map(\.target) } == [["preview"], ["canary"]])
        #expect(found.allSatisfy { $0.from == nil })
        #expect(found.flatMap(\.plans).allSatisfy { $0.trigger.kind == .catchUp && !$0.isSupersedable })
    }

    @Test func `an app with a test has every branch tested, and no tag`() throws {
        var tested = app
        tested.test = TestRecipe(image: "busybox", run: "true")
        let found = moves(of: tested, seen: [], now: try tips("refs/heads/idea 2", "refs/tags/nightly 2"))
        #expect(found.map(\.ref.name) == ["idea"])
        #expect(found.first?.plans.map(\.target) == [nil])
    }

    @Test func `each move has a GUID of its own`() throws {
        let found = moves(seen: [], now: try tips("refs/heads/main 2", "refs/tags/v1 2"))
        #expect(Set(found.map(\.guid)).count == 2)
        #expect(found.allSatisfy { move in move.plans.allSatisfy { $0.trigger.delivery == move.guid } })
    }

    @Test(arguments: [
        (Trigger.Kind.push, true), (.tag, true), (.catchUp, true), (.deploy, false), (.rollback, false),
        (.release, false), (.retry, false),
    ])
    func `only a push tells where its ref is`(_ kind: Trigger.Kind, _ isTold: Bool) throws {
        let tip = try #require(try tips("refs/heads/main 1").first)
        let plan = Plan.sample("shop", nil, kind, commit: tip.commit)
        #expect(plan.tip == (isTold ? tip : nil))
    }
}

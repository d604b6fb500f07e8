import SlipwayCore
import TestSamples
import Testing

struct PlannerTests {
    static let sha = String(repeating: "4", count: 40)

    let planner = Planner(apps: [
        App(
            name: "shop", repository: "Octo/Shop", cloneURL: "file:///shop",
            test: TestRecipe(image: "busybox", run: "true"),
            targets: [
                Target(
                    name: "homolog", place: Place(platform: "heroku", name: "shop-homolog"),
                    when: DeployCondition(branches: [Glob("master")])),
                Target(
                    name: "preview", place: Place(platform: "heroku", name: "shop-preview"),
                    when: DeployCondition(branches: [Glob("master"), Glob("feature/*")], tags: [Glob("v*")])),
                Target(
                    name: "production", place: Place(platform: "heroku", name: "shop"),
                    when: DeployCondition(release: "published")),
            ]),
        App(name: "docs", repository: "octo/docs", cloneURL: "file:///docs"),
    ])

    func push(_ ref: String, to repository: String = "octo/shop", id: Int64? = 7, sha: String? = sha) throws -> Event {
        .push(
            Event.Push(
                repository: Repository(.github, number: id, fullName: repository), ref: try #require(GitRef(ref)),
                commit: sha.map { Commit(id: CommitID($0), message: "Change") }, pusher: "duzzifelipe"))
    }

    func plans(_ event: Event, renamed: [Int64: String] = [:]) -> [String] {
        guard case .plans(let plans) = planner.decide(event, delivery: "guid", renamed: { renamed[$0.number] }) else {
            return []
        }
        return plans.map {
            "\($0.trigger.kind.rawValue) \($0.app)/\($0.target ?? "test only") by \($0.trigger.by ?? "")"
        }
    }

    func reason(_ event: Event) -> String? {
        guard case .ignored(let reason) = planner.decide(event, delivery: "guid") else { return nil }
        return reason
    }

    @Test func `deploys a branch to every target that wants it, the repository's name without case`() throws {
        #expect(
            plans(try push("refs/heads/master")) == [
                "push shop/homolog by duzzifelipe", "push shop/preview by duzzifelipe",
            ])
    }

    @Test func `matches tags apart from branches`() throws {
        #expect(plans(try push("refs/tags/v1")) == ["tag shop/preview by duzzifelipe"])
        #expect(plans(try push("refs/heads/v1")) == ["push shop/test only by duzzifelipe"])
    }

    @Test func `only tests a branch that no target wants`() throws {
        #expect(plans(try push("refs/heads/wip")) == ["push shop/test only by duzzifelipe"])
    }

    @Test func `finds a renamed repository by its id`() throws {
        #expect(
            plans(try push("refs/tags/v1", to: "octo/store"), renamed: [7: "shop"]) == [
                "tag shop/preview by duzzifelipe"
            ])
    }

    @Test func `deploys a published release, whose commit is not known yet`() throws {
        let release = Event.ReleaseAction(
            repository: Repository(.github, number: 7, fullName: "octo/shop"), action: "published",
            tag: try #require(GitRef("refs/tags/v2")), title: "Two", sender: "ana")
        guard case .plans(let plans) = planner.decide(.release(release), delivery: "guid") else {
            Issue.record("not planned")
            return
        }
        #expect(plans.map(\.target) == ["production"])
        #expect(plans.map(\.commit.id) == [nil])
        #expect(plans.map(\.trigger.ref) == ["refs/tags/v2"])
    }

    @Test(arguments: ["created", "released", "prereleased", "edited", "deleted", "unpublished"])
    func `deploys on no other release action`(action: String) throws {
        let release = Event.ReleaseAction(
            repository: Repository(.github, number: 7, fullName: "octo/shop"), action: action,
            tag: try #require(GitRef("refs/tags/v2")), title: "Two", sender: "ana")
        let said = try #require(reason(.release(release)))
        #expect(said.hasPrefix("no target of shop deploys on release \(action)"))
        // It comes beside each `published`, and of a pre-release that becomes a release alone.
        #expect(said.contains("when: {release: released}") == (action == "released"))
    }

    @Test func `a pattern that leaves a branch or tag out is named`() throws {
        let planner = Planner(apps: [
            App(
                name: "shop", repository: "octo/shop", cloneURL: "file:///shop",
                targets: [
                    Target(
                        name: "homolog", place: Place(platform: "heroku", name: "shop-homolog"),
                        when: DeployCondition(
                            branches: [Glob("**"), Glob("!gh-readonly-queue/**")], tags: [Glob("v*"), Glob("!v*-rc*")]))
                ])
        ])
        for (ref, reason) in [
            (
                "refs/heads/gh-readonly-queue/main/pr-1",
                "branch gh-readonly-queue/main/pr-1: `!gh-readonly-queue/**` in when.push leaves it out"
            ),
            ("refs/tags/v2-rc.1", "tag v2-rc.1: `!v*-rc*` in when.tag leaves it out"), ("refs/tags/x", "tag x"),
        ] {
            guard case .ignored(let said) = planner.decide(try push(ref), delivery: "guid") else {
                Issue.record("\(ref) is planned")
                continue
            }
            #expect(said == "no target of shop deploys \(reason)")
        }
    }

    /// What each kind of release deploys to a target of each kind; a text: why it deploys nothing.
    @Test(
        arguments: [
            ("published", false, false, ["published", "all"], nil),
            ("published", true, false, ["all"], nil),
            ("released", false, false, ["released"], nil),
            // GitHub never says this of a pre-release; whoever does means no release.
            (
                "released", true, false, [],
                "v2 is a pre-release, and no target of shop deploys these; prereleases: true"
            ),
            ("published", false, true, [], "v2 is a draft, and drafts deploy nothing"),
            ("prereleased", true, false, [], "no target of shop deploys on release prereleased"),
        ] as [(String, Bool, Bool, [String], String?)])
    func `tells releases from pre-releases and drafts`(
        action: String, isPrerelease: Bool, isDraft: Bool, targets: [String], why: String?
    ) throws {
        let conditions = [
            ("published", DeployCondition(release: "published")),
            ("all", DeployCondition(release: "published", prereleases: true)),
            ("released", DeployCondition(release: "released")), ("never", DeployCondition(tags: [Glob("**")])),
        ]
        let planner = Planner(apps: [
            App(
                name: "shop", repository: "octo/shop", cloneURL: "file:///shop",
                targets: conditions.map {
                    Target(name: $0, place: Place(platform: "heroku", name: "shop-\($0)"), when: $1)
                })
        ])
        let event = Event.release(
            Event.ReleaseAction(
                repository: Repository(.github, number: 7, fullName: "octo/shop"), action: action,
                tag: try #require(GitRef("refs/tags/v2")), title: "Two", sender: "ana", isPrerelease: isPrerelease,
                isDraft: isDraft))
        switch planner.decide(event, delivery: "guid") {
        case .plans(let plans): #expect(plans.map(\.target) == targets && why == nil)
        case .ignored(let reason): #expect(targets.isEmpty && reason.hasPrefix(why ?? "?"), "\(reason)")
        case .pong: Issue.record("a pong")
        }
    }

    @Test(arguments: [nil, String(repeating: "0", count: 40), String(repeating: "0", count: 64)])
    func `never deploys a deletion`(sha: String?) throws {
        #expect(
            reason(try push("refs/heads/master", sha: sha)) == "branch master was deleted; deletions deploy nothing")
    }

    @Test func `says why it ignores the rest`() throws {
        #expect(
            reason(try push("refs/heads/master", to: "octo/other"))
                == "repository octo/other belongs to no app of this server")
        #expect(reason(try push("refs/heads/master", to: "octo/docs")) == "no target of docs deploys branch master")
        #expect(reason(try push("refs/tags/1.0")) == "no target of shop deploys tag 1.0")
        #expect(reason(.unrelated(reason: "stars deploy nothing")) == "stars deploy nothing")
    }

    @Test func `answers a ping`() {
        guard case .pong = planner.decide(.ping, delivery: "guid") else {
            Issue.record("no pong")
            return
        }
    }
}

struct PriorityTests {
    func plan(_ kind: Trigger.Kind, target: String? = "homolog", ref: String = "refs/heads/main") -> Plan {
        .sample("shop", target, kind, ref: ref, commit: nil)
    }

    @Test func `orders rollback, manual, deploy, test`() {
        let order = [plan(.push, target: nil), plan(.push), plan(.deploy), plan(.rollback)].map(Priority.init)
        #expect(order == order.sorted())
        #expect(Set(order).count == 4)
        #expect(Priority(plan(.release)) == Priority(plan(.catchUp)))
    }

    @Test func `lets only automatic branch jobs be superseded`() {
        #expect(plan(.push).isSupersedable)
        #expect(plan(.catchUp).isSupersedable)
        for kind in [Trigger.Kind.tag, .release] { #expect(!plan(kind, ref: "refs/tags/v1").isSupersedable) }
        for kind in [Trigger.Kind.deploy, .rollback, .retry] { #expect(!plan(kind).isSupersedable) }
    }
}

import SlipwayBase
import SlipwayCore
import TestSamples
import Testing

struct OrderTests {
    private func plan(_ kind: Trigger.Kind, ref: String = "refs/heads/main") -> Plan {
        .sample("shop", "production", kind, ref: ref, commit: nil)
    }

    private func live(_ digit: Character) -> Release { .sample(job: 7, commit: .sample(digit)) }

    @Test func `a branch's tip is deployed, unless it is live already or another branch has gone past it`() throws {
        let tip = CommitID.sample("a")
        func follow(_ deployedBy: JobID?, isBehind: Bool = false) -> Order.Verdict {
            Order.follow(plan(.push), tip: tip, deployedBy: deployedBy, live: live("b"), isBehind: isBehind)
        }
        #expect(follow(nil) == .deploy(tip))
        #expect(
            follow(7)
                == .overtaken(by: 7, reason: "refs/heads/main is at aaaaaaa, which job 7 has deployed"))
        guard case .overtaken(by: 7, let reason) = follow(nil, isBehind: true) else {
            Issue.record("deployed")
            return
        }
        #expect(reason.hasPrefix("aaaaaaa is older than bbbbbbb"))
    }

    @Test(arguments: [
        ("refs/heads/main", false), ("refs/heads/next", true), ("refs/tags/v1", false), ("abcdef0", false),
        (nil, false),
    ]) func `what another branch has deployed is told from what this one has, or a person`(
        ref: String?, isOther: Bool
    ) {
        #expect(Order.isOfAnotherBranch(ref, than: plan(.push)) == isOther)
    }

    @Test func `an older commit than the live one is kept back, and the reason says how to go back`() throws {
        let old = CommitID.sample("a")
        let live = live("b")
        #expect(Order.keep(old, deployedBy: nil, live: live, isAncestor: false) == .deploy(old))
        guard case .overtaken(by: 7, let reason) = Order.keep(old, deployedBy: nil, live: live, isAncestor: true) else {
            Issue.record("deployed")
            return
        }
        #expect(reason.hasPrefix("aaaaaaa is older than bbbbbbb") && reason.contains("deploy it by hand or roll back"))
    }

    @Test func `what is live already is not deployed again`() throws {
        let commit = CommitID.sample("b")
        let verdict = Order.keep(commit, deployedBy: 7, live: live("b"), isAncestor: false)
        #expect(
            verdict
                == .overtaken(by: 7, reason: "bbbbbbb is live already, since job 7; to deploy it again, do so by hand"))
    }

    @Test func `only pushes to branches follow them, and not once a person has asked for one`() {
        for kind in Trigger.Kind.allCases {
            let job = Job(id: 1, plan: plan(kind), state: .running, createdAt: .now())
            #expect(job.followsBranch == (kind == .push || kind == .catchUp), "\(kind)")
            #expect(job.isAutomatic == ![.deploy, .rollback, .retry].contains(kind), "\(kind)")
        }
        let tag = Job(id: 1, plan: plan(.catchUp, ref: "refs/tags/v1"), state: .running, createdAt: .now())
        #expect(!tag.followsBranch && tag.isAutomatic)
        let asked = Job(id: 1, plan: plan(.push), state: .running, createdAt: .now(), isAutomatic: false)
        #expect(!asked.followsBranch)
    }

    @Test func `those that give way are counted along the longest chain`() {
        #expect(Superseding.count(0, takingPlaceOf: 0) == 1)
        #expect(Superseding.count(3, takingPlaceOf: 1) == 3)
        #expect(Superseding.count(3, takingPlaceOf: 3) == 4)
        #expect(Superseding.givesWay(after: 4) && !Superseding.givesWay(after: 5))
    }
}

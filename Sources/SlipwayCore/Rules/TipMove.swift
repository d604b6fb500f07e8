/// A branch or tag that is somewhere else than when it was last seen, and no delivery said so: what that asks for.
package struct TipMove: Sendable, Hashable {
    package var ref: GitRef
    /// nil: it is new.
    package var from: CommitID?
    package var to: CommitID
    package var plans: [Plan]
    /// In the place of GitHub's.
    package var guid: String

    /// Compares what was seen with what is there now. A ref that is gone asks for nothing, and neither does one that
    /// nothing of the app watches.
    ///
    /// Only where a ref is counts, not the way there: of many pushes the newest is deployed, and of several tags to a target
    /// the last.
    /// - Parameter guid: makes one for each move. Not out of what moved where: a branch that goes there, back, and there
    ///   again is deployed twice. That a move makes its jobs once is because they are stored together with
    ///   where its ref was seen.
    /// - Parameter now: in the order of their versions.
    /// - Returns: in that order.
    package static func all(
        of app: App, seen: [GitRef: CommitID], now: [Tip], guid: () -> String
    ) -> [TipMove] {
        let planner = Planner(apps: [app])
        var moves = now.compactMap { tip -> TipMove? in
            let from = seen[tip.ref]
            guard from != tip.commit else { return nil }
            let guid = guid()
            // What nobody delivered is planned as if it had been: the configuration's rules are in one place.
            let push = Event.Push(
                repository: app.configuredRepository, ref: tip.ref, commit: Commit(id: tip.commit),
                pusher: nil)
            guard case .plans(let plans) = planner.decide(.push(push), delivery: guid) else { return nil }
            return TipMove(ref: tip.ref, from: from, to: tip.commit, plans: plans.map(\.asCatchUp), guid: guid)
        }
        var tagged: Set<String?> = []
        for index in moves.indices.reversed() where moves[index].ref.kind == .tag {
            moves[index].plans.removeAll { !tagged.insert($0.target).inserted }
        }
        return moves.filter { !$0.plans.isEmpty }
    }
}

extension Plan {
    fileprivate var asCatchUp: Plan {
        var plan = self
        plan.trigger.kind = .catchUp
        return plan
    }

    /// Where it says that its ref is now. A plan that a person asked for, or a release, says nothing of the sort.
    package var tip: Tip? {
        switch trigger.kind {
        case .push, .tag, .catchUp:
            guard let ref = GitRef(trigger.ref), let commit = commit.id else { return nil }
            return Tip(ref: ref, commit: commit)
        case .release, .deploy, .rollback, .retry: return nil
        }
    }
}

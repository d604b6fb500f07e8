/// Which queued job goes first; within one priority the older one does.
package enum Priority: Int, Sendable, Comparable, CaseIterable {
    case test = 0, deploy, manual, rollback

    package static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }

    package init(_ plan: Plan) {
        self =
            switch plan.trigger.kind {
            case .rollback: .rollback
            case .deploy, .retry: .manual
            case .push, .tag, .release, .catchUp: plan.target == nil ? .test : .deploy
            }
    }
}

extension Plan {
    /// Nobody asked for it by hand.
    package var isAutomatic: Bool { Priority(self) < .manual }

    /// Only automatic branch jobs give way to a newer commit; what a person or a release asked for is done.
    package var isSupersedable: Bool {
        (trigger.kind == .push || trigger.kind == .catchUp) && GitRef(trigger.ref)?.kind == .branch
    }
}

/// What one event asks of one target: the wish that becomes a job.
package struct Plan: Sendable, Hashable {
    package var app: String
    /// nil: only test the commit.
    package var target: String?
    package var trigger: Trigger
    package var commit: Commit
    /// Reuse no image and no test result.
    package var fresh: Bool

    package init(app: String, target: String?, trigger: Trigger, commit: Commit, fresh: Bool = false) {
        self.app = app
        self.target = target
        self.trigger = trigger
        self.commit = commit
        self.fresh = fresh
    }
}

/// Why a job exists.
package struct Trigger: Sendable, Hashable {
    /// Raw values are the contract's words.
    package enum Kind: String, Sendable, CaseIterable {
        case push, tag, release, deploy, rollback, retry
        case catchUp = "catch-up"
    }

    package var kind: Kind
    /// The full ref, or a commit id for a deploy of one.
    package var ref: String
    /// The GUID of the delivery that asked.
    package var delivery: String
    /// Who: a GitHub login or a token's name.
    package var by: String?

    package init(kind: Kind, ref: String, delivery: String, by: String?) {
        self.kind = kind
        self.ref = ref
        self.delivery = delivery
        self.by = by
    }
}

/// What the planner makes of an event.
package enum Decision: Sendable {
    case plans([Plan])
    /// Not for us, which is no failure; the reason is a sentence for a person.
    case ignored(reason: String)
    case pong
}

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

    /// Whether it is to deploy an earlier release again.
    package var isRollback: Bool { trigger.kind == .rollback }
}

/// Why a job exists.
package struct Trigger: Sendable, Hashable {
    /// Raw values are public: docs/api.md lists them.
    package enum Kind: String, Sendable, CaseIterable {
        case push, tag, release, deploy, rollback
        /// Reserved for an ended job that a person runs again; nothing makes one yet.
        case retry
        case catchUp = "catch-up"
    }

    package var kind: Kind
    /// The full ref, a commit id for a deploy of one, or `job 12` for a rollback to what that job released.
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

extension Trigger {
    /// By job and not by commit: one commit may have been built into several images.
    package static func rollback(to release: Release, delivery: String, by: String?) -> Trigger {
        Trigger(kind: .rollback, ref: "job \(release.job)", delivery: delivery, by: by)
    }

    /// The job whose release a rollback deploys again; nil for all other triggers.
    package var releasingJob: JobID? {
        guard kind == .rollback, ref.hasPrefix("job ") else { return nil }
        return JobID(ref.dropFirst("job ".count))
    }
}

/// What the planner makes of an event.
package enum Decision: Sendable {
    case plans([Plan])
    /// Not for us, which is not a failure; the reason is a sentence for a person.
    case ignored(reason: String)
    case pong
}

package import SlipwayBase

package typealias JobID = Int64

/// One attempt to deploy one commit to one target, or only to test it.
package struct Job: Sendable, Identifiable {
    package var id: JobID
    package var plan: Plan
    package var state: State
    /// Why it ended as it did, and what to do about it; nil while it goes on.
    package var reason: String?
    package var createdAt: Timestamp
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// In the order they run; empty until the job is claimed.
    package var steps: [Step]
    /// The job that took this one's place, when it was superseded; of a running one the job that is about to.
    package var successor: JobID?
    /// False also for a push that a person has asked for while it waited: their job must not give way to the next.
    package var isAutomatic: Bool

    package init(
        id: JobID, plan: Plan, state: State, reason: String? = nil, createdAt: Timestamp,
        startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil, steps: [Step] = [], successor: JobID? = nil,
        isAutomatic: Bool? = nil
    ) {
        self.id = id
        self.plan = plan
        self.state = state
        self.reason = reason
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.steps = steps
        self.successor = successor
        self.isAutomatic = isAutomatic ?? plan.isAutomatic
    }

    /// What of its steps' output tells why it failed.
    package var detail: [DetailLine] { steps.filter { $0.state == .failed }.flatMap(\.detail) }

    /// The step that has changed, or may have, what others see: from it on a job goes on to its end. nil: none has yet.
    package var pointOfNoReturn: Step.Name? { steps.first { $0.name.isPointOfNoReturn && $0.state != .waiting }?.name }

    package var hasPassedPointOfNoReturn: Bool { pointOfNoReturn != nil }

    /// A push to a branch that nobody asked for by hand: what counts is the branch, whose tip it deploys, and not the
    /// commit that it was made for.
    package var followsBranch: Bool { isAutomatic && plan.isSupersedable }

    /// Raw values are public: docs/api.md lists them.
    package enum State: String, Sendable, CaseIterable {
        /// Waits for a slot; `JobQueue.claim` moves it on, a newer push supersedes it, a person cancels it.
        case queued
        /// A worker has it; only that worker moves it on, also to `superseded` and `cancelled`.
        case running
        case succeeded, failed, cancelled, superseded

        /// Where a job may go from here; docs/queue.md draws it.
        package var next: Set<State> {
            switch self {
            case .queued: [.running, .cancelled, .superseded]
            case .running: [.succeeded, .failed, .cancelled, .superseded]
            case .succeeded, .failed, .cancelled, .superseded: []
            }
        }

        package var hasEnded: Bool { next.isEmpty }
    }
}

/// One part of a job.
package struct Step: Sendable {
    package var name: Name
    package var state: State
    package var reason: String?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    /// What of its output tells why it failed: for those who may read the log.
    package var detail: [DetailLine] = []

    package init(
        name: Name, state: State = .waiting, reason: String? = nil, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil
    ) {
        self.name = name
        self.state = state
        self.reason = reason
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }

    package enum Name: String, Sendable, CaseIterable {
        case checkout, test, build, push, migrate, release, verify

        /// Whether a job that has entered this step goes on to its end.
        package var isPointOfNoReturn: Bool { self == .migrate || self == .release }
    }

    package enum State: String, Sendable, CaseIterable {
        case waiting, running, succeeded, failed, skipped, reused, cancelled

        package var hasEnded: Bool { self != .waiting && self != .running }
    }
}

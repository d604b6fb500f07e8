import SlipwayCore
import Synchronization

/// How far a running job has come, for whoever wants to stop it.
///
/// From `migrate` or `release` on the world has changed and the job goes on to its end. Both questions are answered
/// under one lock, so that a job is never told to stop and passes the point at the same moment.
final class JobProgress: Sendable {
    private struct State {
        var step: Step.Name?
        var isCommitted = false
        var cancelledBy: String?
        var isDraining = false
        var isAbandoned = false
    }

    private let state: Mutex<State>

    init(_ job: Job) {
        state = Mutex(State(isCommitted: job.hasPassedPointOfNoReturn))
    }

    /// - Throws: `CancellationError` when somebody has cancelled the job, or the server stops.
    func enter(_ step: Step.Name) throws {
        try state.withLock { state in
            if state.isDraining { state.isAbandoned = true }
            if state.cancelledBy != nil || state.isAbandoned { throw CancellationError() }
            state.step = step
            if step.isPointOfNoReturn { state.isCommitted = true }
        }
    }

    /// - Returns: nil when the job will stop; else the step that forbids it.
    func cancel(by: String) -> Step.Name? {
        state.withLock { state in
            if state.isCommitted { return state.step ?? .release }
            state.cancelledBy = by
            return nil
        }
    }

    /// Who has cancelled the job.
    var cancelledBy: String? { state.withLock { $0.cancelledBy } }

    /// The server stops: the steps under way are the last ones.
    func drain() { state.withLock { $0.isDraining = true } }

    /// The server stops before the job has ended: nothing more is written down of it, the next start finds it as it
    /// was.
    func abandon() { state.withLock { $0.isAbandoned = true } }

    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }
}

import SlipwayBase
import SlipwayCore
import Synchronization

/// How far a running job has come, for whoever wants to stop it.
///
/// From its point of no return on the world has changed and the job goes on to its end. All questions are answered
/// under one lock, so that a job is never told to stop and passes the point at the same moment, nor told twice.
final class JobProgress: Sendable {
    /// Why a job stops halfway.
    enum Stop: Sendable, Equatable {
        case cancelled(by: String)
        case superseded(by: JobID)

        var reason: String {
            switch self {
            case .cancelled(let name): "cancelled by \(name.singleLine(limit: 100))"
            case .superseded(let job): "superseded by job \(job), which has a newer commit"
            }
        }
    }

    private struct State {
        /// The step that it is in; of a job that is gone on with, at first the one that was its point of no return.
        var step: Step.Name?
        var isCommitted = false
        var stop: Stop?
        /// Between two steps it waits for something that may take long.
        var isResting = false
        var isDraining = false
        var isAbandoned = false
    }

    private let state: Mutex<State>

    /// - Parameter passed: its point of no return, where a job is gone on with that had passed it.
    init(passed: Step.Name? = nil) {
        state = Mutex(State(step: passed, isCommitted: passed != nil))
    }

    /// - Throws: `CancellationError` when the job has been told to stop, or the server stops.
    func enter(_ step: Step.Name) throws {
        try state.withLock { state in
            // One that was told to stop ends now, also while the server waits for the others.
            if state.isDraining, state.stop == nil { state.isAbandoned = true }
            if state.stop != nil || state.isAbandoned { throw CancellationError() }
            state.step = step
            if step.isPointOfNoReturn { state.isCommitted = true }
        }
    }

    /// - Returns: nil when the job will stop; else the step that forbids it.
    func cancel(by name: String) -> Step.Name? {
        state.withLock { state in
            if state.isCommitted, let step = state.step { return step }
            state.stop = state.stop ?? .cancelled(by: name)
            return nil
        }
    }

    /// - Returns: whether the job will stop for this; false when it goes on, or stops already.
    func supersede(by job: JobID) -> Bool {
        state.withLock { state in
            guard !state.isCommitted, state.stop == nil else { return false }
            state.stop = .superseded(by: job)
            return true
        }
    }

    /// Whether a newer push may still take the job's place.
    var isSupersedable: Bool { state.withLock { !$0.isCommitted && $0.stop == nil } }

    var stop: Stop? { state.withLock { $0.stop } }

    /// Waits from now on for what may take long, in no step.
    /// - Throws: `CancellationError` when the server stops.
    func rest() throws {
        try state.withLock { state in
            if state.isDraining, state.stop == nil {
                state.isAbandoned = true
                throw CancellationError()
            }
            state.isResting = true
        }
    }

    func goOn() { state.withLock { $0.isResting = false } }

    /// The server stops: the steps under way are the last ones.
    /// - Returns: false for a job that is in none and only waits: it is abandoned.
    func drain() -> Bool {
        state.withLock { state in
            state.isDraining = true
            if state.isResting, state.stop == nil { state.isAbandoned = true }
            return !state.isAbandoned
        }
    }

    /// The server stops before the job has ended: nothing more is written down of it, the next start finds it as it
    /// was.
    func abandon() { state.withLock { $0.isAbandoned = true } }

    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }
}

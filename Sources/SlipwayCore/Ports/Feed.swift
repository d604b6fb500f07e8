import Synchronization

/// Tells everyone in this process who listens what has just changed; the store publishes, the window follows.
///
/// What it tells is stored already, and comes in the order of the commits, but only what this process has written: a store
/// that several share must publish the others' changes, too. A restart numbers from 1 again.
///
/// Each job or step change has a number, counted from the server's start. The last `capacity` are kept, so that one
/// who comes back with a number misses nothing, or is told that it is too old.
package final class Feed: Sendable {
    package struct Change: Sendable {
        /// nil for log lines, which are resumed by offset.
        package var number: UInt64?
        package var kind: Kind
    }

    package enum Kind: Sendable {
        case job(JobID)
        case step(JobID, Step.Name)
        /// The step's log has grown to this many bytes.
        case log(JobID, Step.Name, size: Int)
        /// Changes were missed: look at everything again.
        case reset
    }

    private struct State {
        var nextNumber: UInt64 = 1
        var recent: [Change] = []
        var nextListener = 0
        var listeners: [Int: AsyncStream<Change>.Continuation] = [:]
        var isFinished = false
    }

    private let state = Mutex(State())
    /// Whose iteration was cancelled. Apart from `state`, whose lock is held while listeners are told, which takes their
    /// tasks' locks; a cancellation holds its task's lock when it comes here.
    private let departed = Mutex<Set<Int>>([])
    private let capacity: Int

    package init(capacity: Int = 1024) {
        self.capacity = capacity
    }

    /// The number of the latest change, 0 before the first: where a page that is drawn now goes on from.
    package var lastNumber: UInt64 { state.withLock { $0.nextNumber - 1 } }

    /// Whether there will be no more changes.
    package var isFinished: Bool { state.withLock { $0.isFinished } }

    /// Ends every listener, after what it has not read yet, and those still to come: the server stops.
    package func finish() {
        state.withLock { state in
            state.isFinished = true
            for listener in state.listeners.values { listener.finish() }
            state.listeners = [:]
        }
    }

    package func publish(_ kind: Kind) {
        state.withLock { state in
            forgetDeparted(&state)
            var change = Change(number: nil, kind: kind)
            switch kind {
            case .job, .step:
                change.number = state.nextNumber
                state.nextNumber += 1
                state.recent.append(change)
                // Not one by one, which would move all the others each time.
                if state.recent.count >= 2 * capacity { state.recent.removeFirst(capacity) }
            case .log, .reset: break
            }
            for (id, listener) in state.listeners {
                guard case .dropped = listener.yield(change) else { continue }
                listener.finish()
                state.listeners[id] = nil
            }
        }
    }

    /// - Parameter last: the number of the last change that was seen; nil: from now on.
    /// - Returns: changes until the task that iterates is cancelled or the feed is finished. A listener that falls
    ///   4,096 behind is ended, and may come back with the last number it saw.
    package func changes(after last: UInt64? = nil) -> AsyncStream<Change> {
        let (stream, continuation) = AsyncStream.makeStream(of: Change.self, bufferingPolicy: .bufferingOldest(4096))
        state.withLock { state in
            if let last, last + 1 != state.nextNumber {
                let missed = state.recent.suffix(capacity).drop { ($0.number ?? 0) <= last }
                let isComplete = last < state.nextNumber && missed.first?.number == last + 1
                if isComplete {
                    for change in missed { continuation.yield(change) }
                } else {
                    continuation.yield(Change(number: nil, kind: .reset))
                }
            }
            guard !state.isFinished else { return continuation.finish() }
            let id = state.nextListener
            state.nextListener += 1
            state.listeners[id] = continuation
            continuation.onTermination = { [weak self] termination in
                guard case .cancelled = termination else { return }
                _ = self?.departed.withLock { $0.insert(id) }
            }
        }
        return stream
    }

    private func forgetDeparted(_ state: inout State) {
        let gone = departed.withLock { departed in
            defer { departed = [] }
            return departed
        }
        for id in gone { state.listeners[id] = nil }
    }
}

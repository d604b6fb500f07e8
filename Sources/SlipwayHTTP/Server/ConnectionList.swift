import Synchronization

/// The connections that a server has open, so that it can let them finish.
final class ConnectionList: Sendable {
    private struct State {
        var tasks: [ObjectIdentifier: (connection: HTTPConnection, task: Task<Void, Never>)] = [:]
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.tasks.count } }

    func serve(_ connection: HTTPConnection) {
        // Registered before it can end: the task's first step waits for the lock.
        state.withLock { state in
            let task = Task { [self] in
                await connection.serve()
                remove(connection)
            }
            state.tasks[ObjectIdentifier(connection)] = (connection, task)
        }
    }

    private func remove(_ connection: HTTPConnection) {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            state.tasks[ObjectIdentifier(connection)] = nil
            guard state.tasks.isEmpty else { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        waiting?.resume()
    }

    /// Ends idle connections at once, those with a request under way when it is answered or the time is over.
    func stop(within time: Duration) async {
        for (connection, _) in state.withLock({ Array($0.tasks.values) }) { await connection.stop() }
        // Not a child of the caller, whose cancellation is why we are here.
        let limit = Task { [self] in
            try await Task.sleep(for: time)
            for (_, task) in state.withLock({ Array($0.tasks.values) }) { task.cancel() }
        }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.tasks.isEmpty { state.whenEmpty = continuation }
                return state.tasks.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        limit.cancel()
    }
}

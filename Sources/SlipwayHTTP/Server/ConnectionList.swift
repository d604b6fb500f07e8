import Synchronization

/// The connections that a server has open: bounded, and known so that they can be let finish.
final class ConnectionList: Sendable {
    private struct State {
        var open: [ObjectIdentifier: HTTPConnection] = [:]
        var count = 0
        var byAddress: [String: Int] = [:]
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())
    private let limits: HTTPLimits

    init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Takes a place for a connection; false when there is none left, in all or for its address.
    func admit(_ address: String) -> Bool {
        state.withLock { state in
            guard state.count < limits.connections else { return false }
            guard state.byAddress[address, default: 0] < limits.connectionsPerAddress else { return false }
            state.count += 1
            state.byAddress[address, default: 0] += 1
            return true
        }
    }

    func add(_ connection: HTTPConnection) {
        state.withLock { $0.open[ObjectIdentifier(connection)] = connection }
    }

    func remove(_ connection: HTTPConnection) {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.open.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return nil }
            state.count -= 1
            let others = state.byAddress[connection.peer, default: 1] - 1
            state.byAddress[connection.peer] = others == 0 ? nil : others
            guard state.count == 0 else { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        waiting?.resume()
    }

    private var all: [HTTPConnection] { state.withLock { Array($0.open.values) } }

    /// Ends idle connections at once, those with a request under way when it is answered or the time is over.
    func stop(within time: Duration) async {
        for connection in all { await connection.stop() }
        // Not a child of the caller, whose cancellation is why we are here.
        let limit = Task { [self] in
            try await Task.sleep(for: time)
            for connection in all { await connection.cancel() }
        }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.count > 0 { state.whenEmpty = continuation }
                return state.count == 0
            }
            if isEmpty { continuation.resume() }
        }
        limit.cancel()
    }
}

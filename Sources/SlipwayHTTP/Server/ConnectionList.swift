import SlipwayNet
import Synchronization

/// The connections that a server has open: bounded, and known so that they can be let finish.
final class ConnectionList: Sendable {
    private struct State {
        var places: Places<HTTPConnection>
        var whenEmpty: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(limits: HTTPLimits) {
        state = Mutex(
            State(places: Places(limit: limits.connections, limitPerClient: limits.connectionsPerAddress)))
    }

    /// Gives a connection a place: a free one, or another connection's.
    /// - Returns: false when it gets none.
    func admit(_ connection: HTTPConnection) -> Bool {
        settle { places in
            places.take(for: connection.client, isBounded: !connection.isProxied, connection) { $0.standing }
        }
    }

    /// Counts a connection for the client whose request it carries, or again for its own.
    /// - Returns: false when that client has its part already; the connection still counts for whom it did.
    func count(_ connection: HTTPConnection, for client: ClientNetwork, isBounded: Bool) -> Bool {
        settle { places in places.move(connection, to: client, isBounded: isBounded) { $0.standing } }
    }

    private func settle(_ change: (inout Places<HTTPConnection>) -> Places<HTTPConnection>.Answer) -> Bool {
        switch state.withLock({ change(&$0.places) }) {
        case .taken: return true
        case .takenFrom(let loser):
            loser.giveWay()
            return true
        case .refused: return false
        }
    }

    func remove(_ connection: HTTPConnection) {
        let waiting: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.places.leave(connection), state.places.isEmpty else { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        waiting?.resume()
    }

    private var all: [HTTPConnection] { state.withLock { $0.places.holders } }

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
                if !state.places.isEmpty { state.whenEmpty = continuation }
                return state.places.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
        limit.cancel()
    }
}

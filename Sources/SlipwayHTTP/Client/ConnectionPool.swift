import SlipwayNet
import Synchronization

/// Connections that wait for their next request.
///
/// Each is read from while it waits: whatever comes then, an end, bytes that nobody asked for, or the end of its time,
/// it is of no more use and is closed. So no descriptor of a server that hung up stays behind, and nothing dead is taken.
final class ConnectionPool: Sendable {
    struct Origin: Hashable {
        var isSecure: Bool
        var host: String
        var port: Int
    }

    struct Connection: Sendable {
        let stream: ByteStream
        /// From its beginning on, so that a changed address, or a certificate that is no longer good, is seen in time.
        let endOfLife: Deadline
    }

    private struct Idle {
        let id: UInt64
        let connection: Connection
        /// Ends with whether the connection was still quiet when it was cancelled.
        let watch: Task<Bool, Never>
    }

    private struct State {
        var idle: [Origin: [Idle]] = [:]
        var lastID: UInt64 = 0
    }

    /// Less than what servers wait for a request, 60 s and more, so that ours is mostly the first to hang up.
    private static let idleTime: Duration = .seconds(20)
    static let life: Duration = .seconds(300)
    /// Of one origin.
    private static let most = 4

    private let state = Mutex(State())

    deinit {
        for idle in state.withLock({ $0.idle.values.flatMap(\.self) }) { idle.watch.cancel() }
    }

    /// - Returns: the one that was used last, quiet until just now; the server may still close it at any moment.
    func take(_ origin: Origin) async -> Connection? {
        while let idle = state.withLock({ $0.idle[origin]?.popLast() }) {
            idle.watch.cancel()
            if await idle.watch.value, .now() < idle.connection.endOfLife { return idle.connection }
            await idle.connection.stream.close()
        }
        return nil
    }

    /// Once a response was read to its end and nothing more has come.
    func put(_ connection: Connection, _ origin: Origin) async {
        let isKept = state.withLock { state in
            guard state.idle[origin, default: []].count < Self.most else { return false }
            state.lastID += 1
            let id = state.lastID
            let until = min(.after(Self.idleTime), connection.endOfLife)
            let watch = Task { [weak self] in
                do {
                    _ = try await connection.stream.read(until: until)
                } catch is CancellationError {
                    // Taken, or nobody holds the pool any more.
                    guard self == nil else { return true }
                } catch {}
                self?.remove(id, origin)
                await connection.stream.close()
                return false
            }
            state.idle[origin, default: []].append(Idle(id: id, connection: connection, watch: watch))
            return true
        }
        if !isKept { await connection.stream.close() }
    }

    private func remove(_ id: UInt64, _ origin: Origin) {
        state.withLock { state in
            state.idle[origin]?.removeAll { $0.id == id }
            if state.idle[origin]?.isEmpty == true { state.idle[origin] = nil }
        }
    }
}

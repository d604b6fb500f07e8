import Synchronization

/// What a release phase prints, kept for whoever knows the channel's secret.
final class OutputChannel: Sendable {
    private struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
        var nextReader = 0
        var readers: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    let secret = makeIdentifier()
    let created = ContinuousClock.now
    /// Written by the dyno, read by any number of connections.
    private let state = Mutex(State())

    /// Until then the channel answers 404, though its URL is known (docs/heroku.md, T4).
    func isRegistered(after delay: Duration) -> Bool { .now - created >= delay }

    var contents: [UInt8] { state.withLock(\.bytes) }
    var hasEnded: Bool { state.withLock(\.hasEnded) }

    func append(_ bytes: [UInt8]) {
        state.withLock { state in
            state.bytes += bytes
            for reader in state.readers.values { reader.yield() }
        }
    }

    func finish() {
        state.withLock { state in
            state.hasEnded = true
            for reader in state.readers.values { reader.yield() }
        }
    }

    /// Gives what is there from an offset on and what comes, until the end.
    func read(from offset: Int, _ take: ([UInt8]) async throws -> Void) async throws {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.nextReader += 1
            state.readers[state.nextReader] = continuation
            return state.nextReader
        }
        defer { state.withLock { $0.readers[key] = nil } }
        var position = offset
        continuation.yield()
        for await _ in signals {
            let (bytes, ended) = state.withLock { ($0.bytes.dropFirst(position), $0.hasEnded) }
            if !bytes.isEmpty {
                position += bytes.count
                try await take(Array(bytes))
            }
            if ended { return }
        }
    }
}

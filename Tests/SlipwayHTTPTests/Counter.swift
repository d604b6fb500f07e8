import Synchronization

/// Something that grows, and that others wait for.
final class Counter: Sendable {
    private let state = Mutex<(count: Int, waiting: [(count: Int, CheckedContinuation<Void, Never>)])>((0, []))

    func add(_ more: Int) {
        let ready = state.withLock { state in
            state.count += more
            let ready = state.waiting.filter { $0.count <= state.count }
            state.waiting.removeAll { $0.count <= state.count }
            return ready
        }
        for (_, continuation) in ready { continuation.resume() }
    }

    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.count < count { state.waiting.append((count, continuation)) }
                return state.count >= count
            }
            if isReady { continuation.resume() }
        }
    }
}

import Synchronization

/// Frames the pieces that a handler streams, and counts them where it promised a length.
final class StreamedBody: Sendable {
    private struct State {
        /// Bytes that are still promised.
        var left = 0
        var isOver = false
    }

    private let framing: HTTPFraming
    /// Handlers may write from any task.
    private let state: Mutex<State>

    init(framing: HTTPFraming) {
        self.framing = framing
        if case .length(let length) = framing { state = Mutex(State(left: length)) } else { state = Mutex(State()) }
    }

    enum Misuse: Error {
        case moreThanPromised
        /// The writer was kept beyond the handler: what it writes now would land in another response.
        case afterTheEnd
    }

    func encode(_ bytes: [UInt8]) throws(Misuse) -> [UInt8] {
        try state.withLock { state throws(Misuse) in
            guard !state.isOver else { throw .afterTheEnd }
            guard case .length = framing else { return }
            guard bytes.count <= state.left else { throw .moreThanPromised }
            state.left -= bytes.count
        }
        return framing == .chunked ? HTTPEncoder.chunk(bytes) : bytes
    }

    /// What ends the body; nil: it is too short, and only closing the connection can tell.
    func end() -> [UInt8]? {
        let isComplete = state.withLock { state in
            state.isOver = true
            return state.left == 0
        }
        guard isComplete else { return nil }
        return framing == .chunked ? HTTPEncoder.lastChunk : []
    }
}

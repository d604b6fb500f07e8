import Synchronization

/// Frames the pieces that a handler streams, and counts them where it promised a length.
final class StreamedBody: Sendable {
    private let framing: HTTPFraming
    /// Bytes that are still promised; handlers may write from any task.
    private let left: Mutex<Int>

    init(framing: HTTPFraming) {
        self.framing = framing
        if case .length(let length) = framing { left = Mutex(length) } else { left = Mutex(0) }
    }

    /// - Throws: when more comes than was promised.
    func encode(_ bytes: [UInt8]) throws -> [UInt8] {
        switch framing {
        case .chunked: return HTTPEncoder.chunk(bytes)
        case .untilEnd: return bytes
        case .length:
            try left.withLock { left in
                guard bytes.count <= left else { throw TooMuch() }
                left -= bytes.count
            }
            return bytes
        }
    }

    /// What ends the body; nil: it is too short, and only closing the connection can tell.
    func end() -> [UInt8]? {
        switch framing {
        case .chunked: HTTPEncoder.lastChunk
        case .untilEnd: []
        case .length: left.withLock { $0 == 0 ? [] : nil }
        }
    }

    struct TooMuch: Error {}
}

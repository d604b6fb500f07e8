import SlipwayBase
import SlipwayNet

/// The body of a request on its way, while the response is awaited or already read: a server may answer before it has
/// everything, and two sides that both only write would wait for each other.
final class HTTPUpload: Sendable {
    private enum State {
        case underWay
        case sent
        /// The server takes no more; what it says counts.
        case refused
        case failed(any Error)
    }

    private let state: Current<State>
    private let task: Task<Void, Never>

    init(_ body: HTTPClientRequest.Body, framing: HTTPFraming, to stream: ByteStream, until deadline: Deadline) {
        let state = Current(State.underWay)
        self.state = state
        task = Task {
            do {
                try await Self.send(body, framing, stream, deadline)
                state.value = .sent
            } catch is StreamError {
                state.value = .refused
            } catch {
                state.value = .failed(error)
                // Whoever awaits the response is told at once.
                await stream.close()
            }
        }
    }

    deinit { task.cancel() }

    var isSent: Bool {
        if case .sent = state.value { true } else { false }
    }

    /// Why there is no more to send, where that is not the server's doing.
    var failure: (any Error)? {
        if case .failed(let error) = state.value { error } else { nil }
    }

    private static func send(
        _ body: HTTPClientRequest.Body, _ framing: HTTPFraming, _ stream: ByteStream, _ deadline: Deadline
    ) async throws {
        switch body {
        case .bytes(let bytes): try await stream.write(bytes, until: deadline)
        case .stream(let source):
            let output = StreamedBody(framing: framing)
            while let piece = try await source.read() {
                guard !piece.isEmpty else { continue }
                let bytes: [UInt8]
                do { bytes = try output.encode(piece) } catch { throw HTTPClientError.wrongBodyLength }
                try await stream.write(bytes, until: deadline)
            }
            guard let end = output.end() else { throw HTTPClientError.wrongBodyLength }
            if !end.isEmpty { try await stream.write(end, until: deadline) }
        }
    }
}

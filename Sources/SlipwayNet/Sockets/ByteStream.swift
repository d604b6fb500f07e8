package import SlipwayBase

/// A connected transport: TCP, or TLS over it, whose handshake is made by whoever comes first.
///
/// One task may read while another writes; two readers or two writers at once are a mistake. Cancelling the task that
/// waits ends its wait with `CancellationError`; other failures are `StreamError`.
package actor ByteStream {
    /// Of its loop: an actor that works on the same one reads and writes without a change of thread.
    package nonisolated let executor: QueueExecutor
    package nonisolated let isSecure: Bool
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let socket: Socket
    private let transport: any Transport

    init(_ socket: Socket, through transport: any Transport) {
        self.socket = socket
        self.transport = transport
        isSecure = transport.isSecure
        executor = socket.loop.executor
    }

    init(_ socket: Socket) {
        self.init(socket, through: PlainTransport(socket: socket))
    }

    func handshake(until deadline: Deadline) async throws {
        try Task.checkCancellation()
        while case .needs(let interest) = try transport.handshake() {
            try await socket.wait(interest, until: deadline)
        }
    }

    // MARK: Reading

    /// The next bytes, at least one; nil at the end.
    package func read(until deadline: Deadline = .never) async throws -> [UInt8]? {
        try Task.checkCancellation()
        await socket.pause()
        while true {
            switch try transport.receive() {
            case .done(let bytes): return bytes
            case .needs(let interest): try await socket.wait(interest, until: deadline)
            }
        }
    }

    /// What is to be done with bytes that were offered.
    package enum Reaction: Sendable {
        /// Send this, if anything, and offer what comes until then.
        case goOn(sending: [UInt8], until: Deadline)
        /// Send this, if anything, and return.
        case stop(sending: [UInt8])
    }

    package enum Ending: Sendable {
        case end
        /// As `react` wanted it, or because the client does not take the reply now.
        /// - unsent: what the client does not take now.
        case stopped(unsent: [UInt8])
    }

    /// Offers what arrives to `react`, on the loop and without waking the caller, which costs more than answering a small
    /// request.
    package func read(
        until deadline: Deadline, _ react: @escaping @Sendable ([UInt8]) -> Reaction
    ) async throws -> Ending {
        try Task.checkCancellation()
        await socket.pause()
        offered = offer(to: react, until: deadline)
        while true {
            switch offered {
            case .needs(let interest, let deadline):
                try await socket.wait(interest, until: deadline) { self.retry(interest, react) }
                // Unless that went on in `retry`.
                if case .needs(_, let deadline) = offered { offered = offer(to: react, until: deadline) }
            case .hasMore(let deadline):
                await Task.yield()
                offered = offer(to: react, until: deadline)
            case .over(let ending): return try ending.get()
            }
        }
    }

    private enum Offered {
        case needs(EventLoop.Interest, until: Deadline)
        /// Others are to have a turn first.
        case hasMore(until: Deadline)
        case over(Result<Ending, StreamError>)
    }

    /// How far the one reader is that offers what arrives. Touched on the loop only.
    nonisolated(unsafe) private var offered = Offered.over(.success(.end))

    private nonisolated func retry(_ interest: EventLoop.Interest, _ react: ([UInt8]) -> Reaction) -> Deadline? {
        socket.loop.assertCurrent()
        guard case .needs(_, let before) = offered else { return nil }
        offered = offer(to: react, until: before)
        guard case .needs(interest, let deadline) = offered else { return nil }
        return deadline
    }

    /// So many pieces in a row, then others have a turn: a fast sender could otherwise hold the loop for as long as it
    /// sends.
    private static let burst = 16

    private nonisolated func offer(to react: ([UInt8]) -> Reaction, until deadline: Deadline) -> Offered {
        var deadline = deadline
        do throws(StreamError) {
            for _ in 0..<Self.burst {
                switch try transport.receive() {
                case .needs(let interest): return .needs(interest, until: deadline)
                case .done(nil): return .over(.success(.end))
                case .done(let bytes?):
                    switch react(bytes) {
                    case .goOn(let reply, let next):
                        deadline = next
                        let unsent = try sendNow(reply)
                        guard unsent.isEmpty else { return .over(.success(.stopped(unsent: unsent))) }
                    case .stop(let reply): return .over(.success(.stopped(unsent: try sendNow(reply))))
                    }
                }
            }
            return .hasMore(until: deadline)
        } catch {
            return .over(.failure(error))
        }
    }

    // MARK: Writing

    /// - Returns: what is left.
    private nonisolated func sendNow(_ bytes: [UInt8]) throws(StreamError) -> [UInt8] {
        var sent = 0
        while sent < bytes.count {
            guard case .done(let count) = try transport.send(bytes, from: sent) else { return Array(bytes[sent...]) }
            sent += count
        }
        return []
    }

    /// Returns once the kernel has taken all of it.
    package func write(_ bytes: [UInt8], until deadline: Deadline = .never) async throws {
        try Task.checkCancellation()
        var sent = 0
        while sent < bytes.count {
            switch try transport.send(bytes, from: sent) {
            case .done(let count): sent += count
            case .needs(let interest): try await socket.wait(interest, until: deadline)
            }
        }
    }

    /// Sends a part of a file; returns once the kernel has taken all of it.
    /// - Returns: how many bytes there were; fewer than asked for when the file is shorter.
    package func send(file: Int32, offset: Int, count: Int, until deadline: Deadline) async throws -> Int {
        try Task.checkCancellation()
        var sent = 0
        while sent < count {
            switch try transport.send(file: file, offset: offset + sent, count: count - sent) {
            case .done(0): return sent
            case .done(let more): sent += more
            case .needs(let interest): try await socket.wait(interest, until: deadline)
            }
        }
        return sent
    }

    // MARK: Ends

    /// Tells the other side that nothing more will come; reading goes on.
    package func closeWrite() {
        guard !socket.isClosed else { return }
        transport.sayEnd()
        socket.closeWrite()
    }

    /// Ends the connection at once. Again, or never (a stream that nobody holds is closed): both are fine.
    package func close() {
        guard !socket.isClosed else { return }
        transport.sayEnd()
        socket.close()
    }
}

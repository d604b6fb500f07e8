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
            case .needs(let interest):
                guard !isCutShort else {
                    isCutShort = false
                    throw StreamError.timedOut
                }
                try await socket.wait(interest, until: deadline)
            }
        }
    }

    /// The task that reads, or the next one that would have to wait, has waited long enough: its time is over now.
    package func cutShort() {
        isCutShort = true
        socket.retry(.readable)
    }

    private var isCutShort = false

    // MARK: Offering

    /// Takes what arrives, on the stream's loop.
    package protocol Receiver: AnyObject, Sendable {
        /// - Returns: by when the next bytes must come; nil: no more are to be offered.
        func receive(_ bytes: [UInt8]) -> Deadline?
        /// Nothing more is offered, and not because the receiver wanted it so.
        func offerEnded(_ ending: Ending)
    }

    package enum Ending: Sendable {
        /// The other side sends nothing more.
        case end
        case failed(StreamError)
    }

    /// Offers what arrives to a receiver instead of waking a task, which costs more than answering a small request; and
    /// while nothing comes there need not be a task at all. On the stream's loop; it counts as a reader.
    package nonisolated func offer(to receiver: any Receiver, until deadline: Deadline) {
        socket.loop.assertCurrent()
        offer = Offer(receiver: receiver, deadline: deadline)
        goOn()
    }

    private struct Offer {
        let receiver: any Receiver
        var deadline: Deadline
    }

    /// Touched on the loop only.
    nonisolated(unsafe) private var offer: Offer?

    /// So many pieces in a row, then others have a turn: a fast sender could otherwise hold the loop for as long as it
    /// sends.
    private static let burst = 16

    private nonisolated func goOn() {
        do throws(StreamError) {
            for _ in 0..<Self.burst {
                guard let offer else { return }
                switch try transport.receive() {
                case .needs(let interest): return try socket.watch(interest, until: offer.deadline, self)
                case .done(nil): return endOffer(.end)
                case .done(let bytes?):
                    guard let deadline = offer.receiver.receive(bytes) else {
                        self.offer = nil
                        return
                    }
                    self.offer?.deadline = deadline
                }
            }
            socket.loop.executor.async { self.goOn() }
        } catch {
            endOffer(.failed(error))
        }
    }

    private nonisolated func endOffer(_ ending: Ending) {
        let receiver = offer?.receiver
        offer = nil
        receiver?.offerEnded(ending)
    }

    // MARK: Writing

    /// Sends what the kernel takes now, without waiting. On the stream's loop.
    /// - Returns: what is left, for `write`.
    package nonisolated func sendAtOnce(_ bytes: [UInt8]) throws(StreamError) -> [UInt8] {
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
        // Who reads from now on waits for the end.
        isCutShort = false
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

extension ByteStream: EventLoop.Watcher {
    nonisolated func wake(_ wake: EventLoop.Wake) {
        switch wake {
        case .ready: goOn()
        case .timedOut: endOffer(.failed(.timedOut))
        case .closed, .cancelled: endOffer(.failed(.closed))
        }
    }
}

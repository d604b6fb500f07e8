import COpenSSL
import Glibc
import SlipwayBase

/// TLS over TCP. The handshake is made by whoever comes first: `handshake`, `read` or `write`.
actor TLSStream: ByteStream {
    nonisolated let executor: QueueExecutor
    nonisolated let isSecure = true
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let socket: Socket
    private let session: TLSSession
    private var isBroken = false

    init(_ socket: Socket, session: consuming TLSSession) throws {
        guard SSL_set_fd(session.raw, socket.descriptor) == 1 else { throw StreamError.tls(OpenSSLComplaints().text) }
        self.socket = socket
        self.session = session
        executor = socket.loop.executor
    }

    func handshake(until deadline: Deadline) async throws {
        try Task.checkCancellation()
        while true {
            switch try attempt({ session throws(StreamError) in try session.handshake() }) {
            case .done: return
            case .end: throw StreamError.truncated
            case .needsRead: try await wait(.readable, until: deadline)
            case .needsWrite: try await wait(.writable, until: deadline)
            }
        }
    }

    func read(until deadline: Deadline) async throws -> [UInt8]? {
        try Task.checkCancellation()
        await socket.pause()
        while true {
            let scratch = socket.loop.scratch
            switch try attempt({ session throws(StreamError) in try session.read(into: scratch) }) {
            case .done(let count): return [UInt8](scratch[..<count])
            case .end: return nil
            case .needsRead: try await wait(.readable, until: deadline)
            case .needsWrite: try await wait(.writable, until: deadline)
            }
        }
    }

    func write(_ bytes: [UInt8], until deadline: Deadline) async throws {
        try Task.checkCancellation()
        var sent = 0
        while sent < bytes.count {
            let outcome = try attempt { session throws(StreamError) in
                try session.write(bytes, from: sent)
            }
            switch outcome {
            case .done(let count): sent += count
            case .end: throw StreamError.truncated
            case .needsRead: try await wait(.readable, until: deadline)
            case .needsWrite: try await wait(.writable, until: deadline)
            }
        }
    }

    /// OpenSSL has just heard from the kernel that there is nothing.
    private func wait(_ interest: EventLoop.Interest, until deadline: Deadline) async throws {
        socket.exhausted(interest)
        try await socket.wait(interest, until: deadline)
    }

    /// Encrypted here, so it has to be read here.
    func send(file: Int32, offset: Int, count: Int, until deadline: Deadline) async throws -> Int {
        var position = offset
        while position < offset + count {
            let bytes = [UInt8](unsafeUninitializedCapacity: min(65_536, offset + count - position)) { buffer, filled in
                filled = max(0, pread(file, buffer.baseAddress, buffer.count, off_t(position)))
            }
            guard !bytes.isEmpty else { break }
            try await write(bytes, until: deadline)
            position += bytes.count
        }
        return position - offset
    }

    func closeWrite() {
        guard !socket.isClosed else { return }
        if !isBroken { session.sendEnd() }
        socket.closeWrite()
    }

    func close() {
        guard !socket.isClosed else { return }
        if !isBroken { session.sendEnd() }
        socket.close()
    }

    private func attempt(
        _ operation: (borrowing TLSSession) throws(StreamError) -> TLSSession.Outcome
    ) throws(StreamError) -> TLSSession.Outcome {
        guard !socket.isClosed else { throw .closed }
        do {
            return try operation(session)
        } catch {
            isBroken = true
            throw error
        }
    }
}

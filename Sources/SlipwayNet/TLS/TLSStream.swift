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

    /// OpenSSL asks the kernel for 16 KiB and more. Where it began with nothing and got less than this in all, the kernel
    /// gave less than was asked for, which is all it had (epoll(7), question 9).
    private static let certainlyLess = 4096

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
            case .needsRead: try await socket.wait(.readable, until: deadline)
            case .needsWrite: try await socket.wait(.writable, until: deadline)
            }
        }
    }

    func read(until deadline: Deadline) async throws -> [UInt8]? {
        try Task.checkCancellation()
        await socket.pause()
        while true {
            guard session.hasPending || socket.isClosed || socket.isReady(.readable) else {
                try await socket.wait(.readable, until: deadline)
                continue
            }
            let scratch = socket.loop.scratch
            let received = session.received
            let beganEmpty = !session.hasPending
            switch try attempt({ session throws(StreamError) in try session.read(into: scratch) }) {
            case .done(let count):
                if beganEmpty, !session.hasPending, session.received - received < Self.certainlyLess {
                    socket.exhausted(.readable)
                }
                return [UInt8](scratch[..<count])
            case .end: return nil
            case .needsRead: try await socket.wait(.readable, until: deadline)
            case .needsWrite: try await socket.wait(.writable, until: deadline)
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
            case .needsRead: try await socket.wait(.readable, until: deadline)
            case .needsWrite: try await socket.wait(.writable, until: deadline)
            }
        }
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
            let outcome = try operation(session)
            // OpenSSL has just heard from the kernel that there is nothing. Noted here and not on the way to the wait,
            // which other jobs of the loop may come before: an event that came with them would be forgotten.
            switch outcome {
            case .needsRead: socket.exhausted(.readable)
            case .needsWrite: socket.exhausted(.writable)
            case .done, .end: break
            }
            return outcome
        } catch {
            isBroken = true
            throw error
        }
    }
}

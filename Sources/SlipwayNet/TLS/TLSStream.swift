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
            case .needsRead: try await socket.wait(.readable, until: deadline)
            case .needsWrite: try await socket.wait(.writable, until: deadline)
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

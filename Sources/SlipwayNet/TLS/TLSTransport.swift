import COpenSSL
import Glibc

/// TLS over TCP.
///
/// `@unchecked Sendable`: used on its socket's loop only.
final class TLSTransport: Transport, @unchecked Sendable {
    let isSecure = true
    private let socket: Socket
    private let session: TLSSession
    private var isBroken = false

    /// OpenSSL asks the kernel for 16 KiB and more. Where it began with nothing and got less than this in all, the kernel
    /// gave less than was asked for, which is all it had (epoll(7), question 9).
    private static let certainlyLess = 4096

    init(_ socket: Socket, session: consuming TLSSession) throws(StreamError) {
        guard SSL_set_fd(session.raw, socket.descriptor) == 1 else { throw .tls(OpenSSLComplaints().text) }
        self.socket = socket
        self.session = session
    }

    func handshake() throws(StreamError) -> Attempt<Void> {
        switch try attempt({ session throws(StreamError) in try session.handshake() }) {
        case .done: .done(())
        case .needs(let interest): .needs(interest)
        }
    }

    func receive() throws(StreamError) -> Attempt<[UInt8]?> {
        guard session.hasPending || socket.isClosed || socket.isReady(.readable) else { return .needs(.readable) }
        let scratch = socket.loop.scratch
        let received = session.received
        let beganEmpty = !session.hasPending
        switch try attempt({ session throws(StreamError) in try session.read(into: scratch) }) {
        case .done(let count?):
            if beganEmpty, !session.hasPending, session.received - received < Self.certainlyLess {
                socket.exhausted(.readable)
            }
            return .done([UInt8](scratch[..<count]))
        case .done(nil): return .done(nil)
        case .needs(let interest): return .needs(interest)
        }
    }

    func send(_ bytes: [UInt8], from start: Int) throws(StreamError) -> Attempt<Int> {
        switch try attempt({ session throws(StreamError) in try session.write(bytes, from: start) }) {
        case .done(let count?): .done(count)
        case .done(nil): throw .truncated
        case .needs(let interest): .needs(interest)
        }
    }

    /// Encrypted here, so it has to be read here, as much as one record holds.
    func send(file: Int32, offset: Int, count: Int) throws(StreamError) -> Attempt<Int> {
        let bytes = [UInt8](unsafeUninitializedCapacity: min(16_384, count)) { buffer, filled in
            filled = max(0, pread(file, buffer.baseAddress, buffer.count, off_t(offset)))
        }
        return bytes.isEmpty ? .done(0) : try send(bytes, from: 0)
    }

    func sayEnd() {
        if !isBroken { session.sendEnd() }
    }

    /// - Returns: nil: the other side has ended.
    private func attempt(
        _ operation: (borrowing TLSSession) throws(StreamError) -> TLSSession.Outcome
    ) throws(StreamError) -> Attempt<Int?> {
        guard !socket.isClosed else { throw .closed }
        do {
            // Where OpenSSL has just heard from the kernel that there is nothing, that is noted here and not on the way
            // to the wait, which other jobs of the loop may come before: an event that came with them would be forgotten.
            switch try operation(session) {
            case .done(let count): return .done(count)
            case .end: return .done(nil)
            case .needsRead:
                socket.exhausted(.readable)
                return .needs(.readable)
            case .needsWrite:
                socket.exhausted(.writable)
                return .needs(.writable)
            }
        } catch {
            isBroken = true
            throw error
        }
    }
}

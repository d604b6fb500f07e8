import Dispatch
import Glibc
import SlipwayBase

/// A connected or listening descriptor and its place in a loop; it closes with its last reference.
///
/// `@unchecked Sendable`: used on its loop's queue only, by the stream actors that own it.
final class Socket: @unchecked Sendable {
    let loop: EventLoop
    let descriptor: Int32
    private var registration: EventLoop.Registration?
    private(set) var isClosed = false
    /// Reads that went on without a wait; see `pause`.
    private var streak = 0

    init(_ descriptor: Int32, loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit {
        guard !isClosed else { return }
        // Whoever let go of it may be on any thread, the loop's table may not.
        let (loop, registration, descriptor) = (loop, registration, descriptor)
        loop.executor.async {
            if let registration { loop.unregister(registration, descriptor) }
            Glibc.close(descriptor)
        }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        if let registration { loop.unregister(registration, descriptor) }
        Glibc.close(descriptor)
    }

    /// Until trying again may work.
    func wait(
        _ interest: EventLoop.Interest, until deadline: Deadline, _ actor: isolated any Actor = #isolation
    ) async throws {
        guard !isClosed else { throw StreamError.closed }
        streak = 0
        try await loop.wait(interest, on: try registered(), until: deadline)
    }

    /// As `wait`, without a task.
    func watch(
        _ interest: EventLoop.Interest, until deadline: Deadline, _ watcher: any EventLoop.Watcher
    ) throws(StreamError) {
        guard !isClosed else { throw .closed }
        loop.watch(interest, on: try registered(), until: deadline, watcher)
    }

    /// The kernel has nothing more to read, or takes nothing more.
    func exhausted(_ interest: EventLoop.Interest) {
        if let registration { loop.exhausted(interest, of: registration) }
    }

    /// Lets whoever waits try again, as if the kernel had said so.
    func retry(_ interest: EventLoop.Interest) {
        if let registration { loop.happened(interest, to: registration) }
    }

    /// Whether trying is worth a system call: an event has come since it was exhausted, or it has never waited, so that
    /// none could come.
    func isReady(_ interest: EventLoop.Interest) -> Bool {
        registration.map { loop.isReady(interest, of: $0) } ?? true
    }

    /// The first wait registers: a descriptor is told to epoll only if it ever had to wait.
    private func registered() throws(StreamError) -> EventLoop.Registration {
        if let registration { return registration }
        do {
            let new = try loop.register(descriptor)
            registration = new
            return new
        } catch {
            throw StreamError.broken(error)
        }
    }

    /// Lets the loop's other connections have a turn when this one never has to wait: a fast sender could otherwise
    /// hold the queue for as long as it sends.
    func pause(_ actor: isolated any Actor = #isolation) async {
        streak += 1
        guard streak >= 16 else { return }
        streak = 0
        await Task.yield()
    }

    /// The next bytes; nil at the end.
    func receive() throws(StreamError) -> Attempt<[UInt8]?> {
        while true {
            guard !isClosed else { throw .closed }
            guard isReady(.readable) else { return .needs(.readable) }
            let count = recv(descriptor, loop.scratch.baseAddress, loop.scratch.count, 0)
            if count > 0 {
                // Less than was asked for is all that the kernel had (epoll(7), question 9).
                if count < loop.scratch.count { exhausted(.readable) }
                return .done([UInt8](loop.scratch[..<count]))
            }
            if count == 0 { return .done(nil) }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                exhausted(.readable)
                return .needs(.readable)
            default: throw .broken(SystemError("recv"))
            }
        }
    }

    /// How many bytes from `start` on the kernel took.
    func send(_ bytes: [UInt8], from start: Int) throws(StreamError) -> Attempt<Int> {
        while true {
            guard !isClosed else { throw .closed }
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: start), $0.count - start, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .done(count) }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                exhausted(.writable)
                return .needs(.writable)
            default: throw .broken(SystemError("send"))
            }
        }
    }

    /// From the page cache to the socket, without a copy here (sendfile(2)): how many bytes the kernel took, 0
    /// at the file's end.
    func send(file: Int32, offset: Int, count: Int) throws(StreamError) -> Attempt<Int> {
        while true {
            guard !isClosed else { throw .closed }
            var position = off_t(offset)
            let sent = sendfile(descriptor, file, &position, count)
            if sent >= 0 { return .done(sent) }
            switch errno {
            case EINTR: continue
            case EAGAIN:
                exhausted(.writable)
                return .needs(.writable)
            default: throw .broken(SystemError("sendfile"))
            }
        }
    }

    func closeWrite() {
        guard !isClosed else { return }
        shutdown(descriptor, Int32(SHUT_WR))
    }
}

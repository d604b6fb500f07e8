import CLinux
import Dispatch
import Glibc
package import SlipwayBase

/// Wakes those who wait for a socket, on one serial queue.
///
/// The loop has an epoll descriptor of its own, and that is the only thing libdispatch watches: a source per socket
/// never fires again after a hang-up, which loses unread data, the end and the descriptor. Registration is
/// edge-triggered, so whoever uses a socket tries first and waits only when the kernel had nothing.
///
/// `@unchecked Sendable`: everything mutable is touched on `executor.queue` alone; what comes from elsewhere (a
/// cancellation, a socket that was dropped) is dispatched there first. Loops live as long as the process.
package final class EventLoop: QueueExecutor.EventSource, @unchecked Sendable {
    enum Interest { case readable, writable }

    /// A socket's place in the loop; the generation tells it from later owners of the same slot, so that an event or a
    /// cancellation that comes late wakes nobody else.
    struct Registration: Sendable {
        fileprivate let slot: Int
        fileprivate let generation: UInt32

        fileprivate var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
    }

    enum Wake {
        case ready, timedOut, closed, cancelled

        /// The error of a wait that ended without what it waited for.
        var failure: (any Error)? {
            switch self {
            case .ready: nil
            case .timedOut: StreamError.timedOut
            case .closed: StreamError.closed
            case .cancelled: CancellationError()
            }
        }
    }

    /// Waits without a task: a task's memory is most of what a connection with nothing to do would take.
    protocol Watcher: AnyObject, Sendable {
        /// Called on the loop, once for each `watch`; never with `.cancelled`.
        func wake(_ wake: Wake)
    }

    private enum Waker {
        /// Resumed exactly once, for whoever takes a waiter out of its slot wakes it. Checked continuations would make
        /// sure of that by an allocation for every wait.
        case task(UnsafeContinuation<Wake, Never>)
        case watcher(any Watcher)
    }

    private struct Waiter {
        let id: UInt64
        let deadline: Deadline
        let waker: Waker

        func wake(_ wake: Wake) {
            switch waker {
            case .task(let continuation): continuation.resume(returning: wake)
            case .watcher(let watcher): watcher.wake(wake)
            }
        }
    }

    /// What is known of one direction of a socket.
    private struct Side {
        var waiter: Waiter?
        /// Hardly ever any: over TLS a reader may wait until it can write, beside the writer.
        var others: [Waiter] = []
        /// An event came since the kernel last had nothing.
        var isReady = false

        var earliest: Deadline {
            others.reduce(waiter?.deadline ?? .never) { min($0, $1.deadline) }
        }

        mutating func add(_ new: Waiter) {
            if waiter == nil { waiter = new } else { others.append(new) }
        }

        mutating func remove(where isMeant: (Waiter) -> Bool) -> Waiter? {
            if let found = waiter, isMeant(found) {
                waiter = others.popLast()
                return found
            }
            return others.firstIndex(where: isMeant).map { others.remove(at: $0) }
        }
    }

    private struct Slot {
        var generation: UInt32 = 0
        var isUsed = false
        /// The other side has ended, or the connection broke: no later event will say so again.
        var hasEnded = false
        var readable = Side()
        var writable = Side()

        subscript(_ interest: Interest) -> Side {
            get { interest == .readable ? readable : writable }
            _modify {
                if interest == .readable { yield &readable } else { yield &writable }
            }
        }
    }

    package let executor: QueueExecutor
    /// Where sockets of this loop read to, before the bytes are copied out in their exact length: idle connections
    /// hold no buffer.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    private let epoll: Int32
    private let timer: Int32
    /// Readable when a wait for events must end (eventfd(2)).
    private let bell: Int32
    private let source: any DispatchSourceRead
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var lastWaiter: UInt64 = 0
    /// When the timer fires next: at or before the earliest deadline of all waiters.
    private var armed = Deadline.never
    private var events = [clinux_event](repeating: clinux_event(), count: 256)

    private static let timerToken = UInt64.max
    private static let bellToken = UInt64.max - 1
    /// Milliseconds for which a loop that has nothing to do waits for the kernel itself. The way through libdispatch costs
    /// two changes of thread, so it is left to loops that rest.
    private static let patience: Int32 = 5

    init(label: String) throws(SystemError) {
        let queue = DispatchQueue(label: label)
        executor = QueueExecutor(queue: queue)
        epoll = clinux_epoll_create()
        timer = clinux_timer_create()
        bell = clinux_bell_create()
        guard epoll >= 0, timer >= 0, bell >= 0 else { throw SystemError("epoll_create1") }
        guard clinux_epoll_add(epoll, timer, Self.timerToken) == 0, clinux_epoll_add(epoll, bell, Self.bellToken) == 0
        else { throw SystemError("epoll_ctl") }
        source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
        executor.attach(self)
        source.setEventHandler { @Sendable in self.executor.takeTurn() }
        source.activate()
    }

    // MARK: Sockets come and go

    func register(_ descriptor: Int32) throws(SystemError) -> Registration {
        assertCurrent()
        let registration = take()
        guard clinux_epoll_add(epoll, descriptor, registration.token) == 0 else {
            let error = SystemError("epoll_ctl")
            release(registration.slot)
            throw error
        }
        return registration
    }

    /// Before the descriptor is closed. Who still waits for it gets `StreamError.closed`.
    func unregister(_ registration: Registration, _ descriptor: Int32) {
        assertCurrent()
        guard isCurrent(registration) else { return }
        _ = clinux_epoll_remove(epoll, descriptor)
        wakeBoth(in: registration.slot, .closed) { _ in true }
        release(registration.slot)
    }

    private func take() -> Registration {
        let slot = free.popLast() ?? slots.endIndex
        if slot == slots.endIndex { slots.append(Slot()) }
        slots[slot] = Slot(generation: slots[slot].generation &+ 1, isUsed: true)
        return Registration(slot: slot, generation: slots[slot].generation)
    }

    private func release(_ slot: Int) {
        slots[slot].isUsed = false
        free.append(slot)
    }

    private func isCurrent(_ registration: Registration) -> Bool {
        slots[registration.slot].isUsed && slots[registration.slot].generation == registration.generation
    }

    // MARK: Waiting

    /// The kernel has nothing more now: only an event that is still to come is worth a try. Reading stays worth one
    /// when the other side has ended, for the end.
    func exhausted(_ interest: Interest, of registration: Registration) {
        slots[registration.slot][interest].isReady = interest == .readable && slots[registration.slot].hasEnded
    }

    /// Whether an event has come since; trying before would only hear that there is nothing.
    func isReady(_ interest: Interest, of registration: Registration) -> Bool {
        slots[registration.slot][interest].isReady
    }

    /// Until the kernel says that trying again may work.
    /// - Parameter actor: the caller, an actor on this loop's executor. By parameter, not `nonisolated(nonsending)`: the
    ///   closures below take their isolation from a captured actor, and off the queue they would race with events.
    /// - Throws: `StreamError.timedOut`, `StreamError.closed` or `CancellationError`.
    func wait(
        _ interest: Interest, on registration: Registration, until deadline: Deadline,
        _ actor: isolated any Actor = #isolation
    ) async throws {
        assertCurrent()
        lastWaiter += 1
        let id = lastWaiter
        let wake = await withTaskCancellationHandler {
            _ = actor
            return await withUnsafeContinuation { (continuation: UnsafeContinuation<Wake, Never>) in
                assertCurrent()
                guard isCurrent(registration) else { return continuation.resume(returning: .closed) }
                // Swift may have sent this closure through the queue once more: what came meanwhile, an event or a
                // cancellation, found no waiter.
                guard !slots[registration.slot][interest].isReady else { return continuation.resume(returning: .ready) }
                slots[registration.slot][interest].add(
                    Waiter(id: id, deadline: deadline, waker: .task(continuation)))
                if Task.isCancelled { cancel(id, registration) }
                arm(deadline)
            }
        } onCancel: {
            // Sent, because it comes from any thread.
            executor.async { self.cancel(id, registration) }
        }
        if let failure = wake.failure { throw failure }
    }

    /// As `wait`, for one that is not a task. On the loop, right after the kernel had nothing.
    func watch(_ interest: Interest, on registration: Registration, until deadline: Deadline, _ watcher: any Watcher) {
        assertCurrent()
        lastWaiter += 1
        slots[registration.slot][interest].add(Waiter(id: lastWaiter, deadline: deadline, waker: .watcher(watcher)))
        arm(deadline)
    }

    /// Until the deadline; for pauses that must not hold a thread.
    func sleep(until deadline: Deadline, _ actor: isolated any Actor = #isolation) async throws {
        let registration = take()
        defer { release(registration.slot) }
        do {
            try await wait(.readable, on: registration, until: deadline)
        } catch StreamError.timedOut {}
    }

    private func cancel(_ id: UInt64, _ registration: Registration) {
        guard isCurrent(registration) else { return }
        wakeBoth(in: registration.slot, .cancelled) { $0.id == id }
    }

    private func wakeBoth(in slot: Int, _ wake: Wake, where isMeant: (Waiter) -> Bool) {
        self.wake(.readable, in: slot, wake, where: isMeant)
        self.wake(.writable, in: slot, wake, where: isMeant)
    }

    private func wake(
        _ interest: Interest, in slot: Int, _ wake: Wake, where isMeant: (Waiter) -> Bool = { _ in true }
    ) {
        guard let first = slots[slot][interest].remove(where: isMeant) else { return }
        // All are taken out before any is woken: a watcher may come back at once.
        var others: [Waiter] = []
        while let other = slots[slot][interest].remove(where: isMeant) { others.append(other) }
        first.wake(wake)
        for other in others { other.wake(wake) }
    }

    // MARK: Events

    package func poll(waits: Bool) -> Bool {
        let count = Int(clinux_epoll_wait(epoll, &events, Int32(events.count), waits ? Self.patience : 0))
        guard count > 0 else { return false }
        for index in 0..<count {
            let event = events[index]
            switch event.token {
            case Self.timerToken:
                expire()
                continue
            case Self.bellToken:
                var rings: UInt64 = 0
                _ = read(bell, &rings, 8)
                continue
            default: break
            }
            let registration = Registration(
                slot: Int(event.token & 0xFFFF_FFFF), generation: UInt32(event.token >> 32))
            guard isCurrent(registration) else { continue }
            if event.ended != 0 { slots[registration.slot].hasEnded = true }
            // A watcher may close it, and then nothing more happens to it.
            if event.readable != 0 { happened(.readable, to: registration) }
            if event.writable != 0 { happened(.writable, to: registration) }
        }
        return true
    }

    package func interrupt() {
        var ring: UInt64 = 1
        _ = write(bell, &ring, 8)
    }

    /// Whoever waits, or would wait next, tries again.
    func happened(_ interest: Interest, to registration: Registration) {
        guard isCurrent(registration) else { return }
        slots[registration.slot][interest].isReady = true
        wake(interest, in: registration.slot, .ready)
    }

    // MARK: Time

    /// One timer for all: it is only ever moved forward in time to an earlier deadline, so a server whose connections
    /// all wait for the same idle time sets it once in that time, not once a request.
    private func arm(_ deadline: Deadline) {
        guard deadline < armed else { return }
        armed = deadline
        let now = Deadline.now().nanoseconds
        // On a grid of 4 ms, so that many deadlines near each other cost one sweep.
        let wait = deadline.nanoseconds > now ? deadline.nanoseconds - now : 0
        _ = clinux_timer_set(timer, Int64(clamping: wait / 4_000_000 * 4_000_000 + 4_000_000))
    }

    private func expire() {
        var fired: UInt64 = 0
        _ = read(timer, &fired, 8)
        armed = .never
        let now = Deadline.now()
        var next = Deadline.never
        for slot in slots.indices where slots[slot].isUsed {
            wakeBoth(in: slot, .timedOut) { $0.deadline <= now }
            next = min(next, slots[slot].readable.earliest, slots[slot].writable.earliest)
        }
        if next != .never { arm(next) }
    }

    func assertCurrent() {
        assert(isOnQueue())
    }

    private func isOnQueue() -> Bool {
        dispatchPrecondition(condition: .onQueue(executor.queue))
        return true
    }
}

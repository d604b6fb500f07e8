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
package final class EventLoop: @unchecked Sendable {
    enum Interest { case readable, writable, time }

    /// A socket's place in the loop; the generation tells it from later owners of the same slot, so that an event or a
    /// cancellation that comes late wakes nobody else.
    struct Registration: Sendable {
        fileprivate let slot: Int
        fileprivate let generation: UInt32

        fileprivate var token: UInt64 { UInt64(generation) << 32 | UInt64(slot) }
    }

    private struct Waiter {
        let id: UInt64
        let interest: Interest
        let deadline: Deadline
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Slot {
        var generation: UInt32 = 0
        var isUsed = false
        /// Rarely more than one: who reads, and who writes.
        var waiters: [Waiter] = []
    }

    package let executor: QueueExecutor
    /// Where sockets of this loop read to, before the bytes are copied out in their exact length: idle connections
    /// hold no buffer.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

    private let epoll: Int32
    private let timer: Int32
    private let source: any DispatchSourceRead
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var lastWaiter: UInt64 = 0
    /// When the timer fires next: at or before the earliest deadline of all waiters.
    private var armed = Deadline.never
    private var events = [clinux_event](repeating: clinux_event(), count: 256)

    private static let timerToken = UInt64.max

    init(label: String) throws(SystemError) {
        let queue = DispatchQueue(label: label)
        executor = QueueExecutor(queue: queue)
        epoll = clinux_epoll_create()
        timer = clinux_timer_create()
        guard epoll >= 0, timer >= 0 else { throw SystemError("epoll_create1") }
        guard clinux_epoll_add(epoll, timer, Self.timerToken) == 0 else { throw SystemError("epoll_ctl") }
        source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
        source.setEventHandler { @Sendable in self.poll() }
        source.activate()
    }

    // MARK: Sockets come and go

    func register(_ descriptor: Int32) throws(SystemError) -> Registration {
        assertCurrent()
        let slot = free.popLast() ?? slots.endIndex
        if slot == slots.endIndex { slots.append(Slot()) }
        slots[slot].generation &+= 1
        slots[slot].isUsed = true
        let registration = Registration(slot: slot, generation: slots[slot].generation)
        guard clinux_epoll_add(epoll, descriptor, registration.token) == 0 else {
            let error = SystemError("epoll_ctl")
            release(slot)
            throw error
        }
        return registration
    }

    /// Before the descriptor is closed. Who still waits for it gets `StreamError.closed`.
    func unregister(_ registration: Registration, _ descriptor: Int32) {
        assertCurrent()
        guard isCurrent(registration) else { return }
        _ = clinux_epoll_remove(epoll, descriptor)
        let waiters = slots[registration.slot].waiters
        release(registration.slot)
        for waiter in waiters { waiter.continuation.resume(throwing: StreamError.closed) }
    }

    private func release(_ slot: Int) {
        slots[slot].isUsed = false
        slots[slot].waiters.removeAll()
        free.append(slot)
    }

    private func isCurrent(_ registration: Registration) -> Bool {
        let slot = slots[registration.slot]
        return slot.isUsed && slot.generation == registration.generation
    }

    // MARK: Waiting

    /// Until the kernel says that trying again may work.
    /// - Parameter actor: the caller, an actor on this loop's executor. By parameter, not `nonisolated(nonsending)`: the
    ///   closures below take their isolation from a captured actor, and off the queue they would miss events.
    /// - Throws: `StreamError.timedOut`, `StreamError.closed` or `CancellationError`.
    func wait(
        _ interest: Interest, on registration: Registration, until deadline: Deadline,
        _ actor: isolated any Actor = #isolation
    ) async throws {
        assertCurrent()
        lastWaiter += 1
        let id = lastWaiter
        try await withTaskCancellationHandler {
            _ = actor
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // Still the same turn of the queue in which the kernel said "nothing yet": no event can be missed.
                assertCurrent()
                guard isCurrent(registration) else { return continuation.resume(throwing: StreamError.closed) }
                slots[registration.slot].waiters.append(
                    Waiter(id: id, interest: interest, deadline: deadline, continuation: continuation))
                arm(deadline)
            }
        } onCancel: {
            // Dispatched, so it finds the waiter even if the task was cancelled before it began to wait.
            executor.queue.async { @Sendable in self.cancel(id, registration) }
        }
    }

    /// Until the deadline; for pauses that must not hold a thread.
    func sleep(until deadline: Deadline, _ actor: isolated any Actor = #isolation) async throws {
        let slot = free.popLast() ?? slots.endIndex
        if slot == slots.endIndex { slots.append(Slot()) }
        slots[slot].generation &+= 1
        slots[slot].isUsed = true
        let registration = Registration(slot: slot, generation: slots[slot].generation)
        defer { release(slot) }
        do {
            try await wait(.time, on: registration, until: deadline)
        } catch StreamError.timedOut {}
    }

    private func cancel(_ id: UInt64, _ registration: Registration) {
        guard isCurrent(registration) else { return }
        resume(in: registration.slot, throwing: CancellationError()) { $0.id == id }
    }

    private func resume(in slot: Int, throwing error: (any Error)? = nil, _ isMeant: (Waiter) -> Bool) {
        var index = 0
        while index < slots[slot].waiters.count {
            guard isMeant(slots[slot].waiters[index]) else {
                index += 1
                continue
            }
            let waiter = slots[slot].waiters.remove(at: index)
            if let error { waiter.continuation.resume(throwing: error) } else { waiter.continuation.resume() }
        }
    }

    // MARK: Events

    private func poll() {
        var count: Int
        repeat {
            count = Int(clinux_epoll_poll(epoll, &events, Int32(events.count)))
            for event in events.prefix(max(0, count)) {
                guard event.token != Self.timerToken else {
                    expire()
                    continue
                }
                let registration = Registration(
                    slot: Int(event.token & 0xFFFF_FFFF), generation: UInt32(event.token >> 32))
                guard isCurrent(registration) else { continue }
                resume(in: registration.slot) {
                    switch $0.interest {
                    case .readable: event.readable != 0
                    case .writable: event.writable != 0
                    case .time: false
                    }
                }
            }
        } while count == events.count
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
        for slot in slots.indices where !slots[slot].waiters.isEmpty {
            resume(in: slot, throwing: StreamError.timedOut) { $0.deadline <= now }
            for waiter in slots[slot].waiters { next = min(next, waiter.deadline) }
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

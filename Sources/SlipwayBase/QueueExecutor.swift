package import Dispatch
import Glibc
import Synchronization

/// Runs an actor on a serial dispatch queue, so that the actor's code and the queue's callbacks exclude each other.
///
/// Linux has no `DispatchSerialQueue`, whose conformance this replaces (swift-corelibs-libdispatch #848).
///
/// It is a task executor too, for tasks that belong to one such actor: without that preference Swift 6.3 resumes every
/// continuation on a thread of the global pool, from where it is sent here, two changes of thread for each wait.
///
/// What is enqueued runs in turns: one block on the queue runs all there is, and what that makes ready. A place in an
/// array for each job instead of a block is a third of the time that a small request takes.
package final class QueueExecutor: SerialExecutor, TaskExecutor {
    package let queue: DispatchQueue

    private enum Work: Sendable {
        case job(UnownedJob)
        case block(@Sendable () -> Void)
    }

    private struct Inbox {
        var work: [Work] = []
        /// A turn that will look in here is under way or on the queue.
        var isAwaited = false
        /// That turn waits in the poll.
        var isPolling = false
    }

    /// What came from other threads.
    private let inbox = Mutex(Inbox())
    /// The thread that has the turn, 0 when none has.
    private let turn = Atomic<UInt>(0)
    /// What became ready during the turn. Only the thread of `turn` touches it, and there is one at a time: the queue is
    /// serial.
    nonisolated(unsafe) private var ready: [UnownedJob] = []
    nonisolated(unsafe) private var running: [UnownedJob] = []
    /// Set before the first job.
    nonisolated(unsafe) private var events: (any EventSource)?

    /// - Parameter queue: a serial queue; a concurrent one would break the actor's isolation.
    package init(queue: DispatchQueue) {
        self.queue = queue
    }

    /// What a turn looks at between jobs, and waits for a while before it ends.
    package protocol EventSource: AnyObject, Sendable {
        /// - Parameter waits: for the first event, for as long as leaving the queue and coming back would be dearer.
        /// - Returns: whether there was any.
        func poll(waits: Bool) -> Bool
        /// Ends a `poll` that waits. From any thread.
        func interrupt()
    }

    /// Before the first job, and for good.
    package func attach(_ events: any EventSource) {
        self.events = events
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if turn.load(ordering: .relaxed) == Self.currentThread { ready.append(job) } else { send(.job(job)) }
    }

    /// Runs a block on the queue, between jobs.
    package func async(_ block: @escaping @Sendable () -> Void) {
        send(.block(block))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }

    // MARK: Turns

    private func send(_ work: Work) {
        let (isAwaited, isPolling) = inbox.withLock { inbox in
            defer {
                inbox.isAwaited = true
                inbox.isPolling = false
            }
            inbox.work.append(work)
            return (inbox.isAwaited, inbox.isPolling)
        }
        if isPolling { events?.interrupt() }
        if !isAwaited { queue.async { @Sendable in self.takeTurn() } }
    }

    /// Runs what there is, until there is nothing and a wait for events ends without any. On the queue only.
    package func takeTurn() {
        turn.store(Self.currentThread, ordering: .relaxed)
        inbox.withLock { $0.isAwaited = true }
        var isBusy: Bool
        repeat {
            isBusy = poll()
            isBusy = runInbox() || isBusy
            isBusy = runReady() || isBusy
        } while isBusy || !isOver()
        turn.store(0, ordering: .relaxed)
    }

    private func poll() -> Bool {
        guard let events else { return false }
        let waits =
            ready.isEmpty
            && inbox.withLock { inbox in
                inbox.isPolling = inbox.work.isEmpty
                return inbox.isPolling
            }
        let isBusy = events.poll(waits: waits)
        if waits { inbox.withLock { $0.isPolling = false } }
        return isBusy
    }

    private func runInbox() -> Bool {
        let work = inbox.withLock { inbox in
            defer { inbox.work = [] }
            return inbox.work
        }
        for work in work {
            switch work {
            case .job(let job): run(job)
            case .block(let block): block()
            }
        }
        return !work.isEmpty
    }

    /// Those that are ready now; what they make ready comes after the next look at the world.
    private func runReady() -> Bool {
        guard !ready.isEmpty else { return false }
        // Two arrays in turn, so that a loop under load allocates none.
        swap(&ready, &running)
        for job in running { run(job) }
        running.removeAll(keepingCapacity: true)
        return true
    }

    private func isOver() -> Bool {
        ready.isEmpty
            && inbox.withLock { inbox in
                inbox.isAwaited = !inbox.work.isEmpty
                return !inbox.isAwaited
            }
    }

    private func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }

    private static var currentThread: UInt { UInt(pthread_self()) }
}

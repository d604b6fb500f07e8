package import Dispatch
import Glibc
import Synchronization

/// Runs an actor on a serial dispatch queue, so that the actor's code and the queue's callbacks exclude each other.
///
/// Linux has no `DispatchSerialQueue`, whose conformance this replaces (swift-corelibs-libdispatch #848).
///
/// It is a task executor too, for tasks that belong to one such actor: without that preference Swift 6.3 resumes every
/// continuation on a thread of the global pool, from where it is sent here, two changes of thread for each wait.
package final class QueueExecutor: SerialExecutor, TaskExecutor {
    package let queue: DispatchQueue

    /// The thread that is inside `run(for:_:)`, 0 when none is.
    private let turn = Atomic<UInt>(0)
    /// What became ready during `run(for:_:)`. Only the thread of `turn` touches it, and there is one at a time: the
    /// queue is serial.
    nonisolated(unsafe) private var ready: [UnownedJob] = []
    nonisolated(unsafe) private var running: [UnownedJob] = []

    /// - Parameter queue: a serial queue; a concurrent one would break the actor's isolation.
    package init(queue: DispatchQueue) {
        self.queue = queue
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        guard turn.load(ordering: .relaxed) != Self.currentThread else { return ready.append(job) }
        queue.async { @Sendable [self] in run(job) }
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    private func run(_ job: UnownedJob) {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }

    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }

    /// Runs `wake`, then everything that it, and what it woke, made ready on this executor, and so on while `wake`
    /// wakes anybody and the time is not over. A job that is made ready so costs a place in an array, not a block and a
    /// round through the queue, which is a third of the time that a small request takes.
    ///
    /// On the queue only.
    /// - Parameters:
    ///   - limit: after which what the queue got from elsewhere has its turn.
    ///   - wake: returns whether it is worth calling again.
    package func run(for limit: Duration, _ wake: () -> Bool) {
        turn.store(Self.currentThread, ordering: .relaxed)
        let end = ContinuousClock.now + limit
        repeat {
            let goesOn = wake()
            runReady()
            guard goesOn else { break }
        } while ContinuousClock.now < end
        turn.store(0, ordering: .relaxed)
        // Those that were made ready by the last of them.
        for job in ready { queue.async { @Sendable [self] in run(job) } }
        ready.removeAll(keepingCapacity: true)
    }

    /// Those that are ready now; what they make ready comes after the next look at the world.
    private func runReady() {
        // Two arrays in turn, so that a loop under load allocates none.
        swap(&ready, &running)
        for job in running { run(job) }
        running.removeAll(keepingCapacity: true)
    }

    private static var currentThread: UInt { UInt(pthread_self()) }
}

package import Dispatch

/// Runs an actor on a serial dispatch queue, so that the actor's code and the queue's callbacks exclude each other.
///
/// Linux has no `DispatchSerialQueue`, whose conformance this replaces (swift-corelibs-libdispatch #848).
package final class QueueExecutor: SerialExecutor {
    package let queue: DispatchQueue

    /// - Parameter queue: a serial queue; a concurrent one would break the actor's isolation.
    package init(queue: DispatchQueue) {
        self.queue = queue
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { @Sendable in job.runSynchronously(on: executor) }
    }

    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}

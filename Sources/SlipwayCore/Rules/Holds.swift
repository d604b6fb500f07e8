import SlipwayBase

/// What keeps queued jobs from starting, as of one moment.
package struct Holds: Sendable, Equatable {
    package var queue: Pause?
    /// The jobs that run, which may have taken all slots.
    package var running: [JobID] = []
    private var targets: [String: [String: OnTarget]] = [:]

    package init(queue: Pause? = nil) {
        self.queue = queue
    }

    package struct OnTarget: Sendable, Equatable {
        package var lock: TargetLock?
        package var pause: Pause?
        /// The job that runs there.
        package var running: JobID?

        package init(lock: TargetLock? = nil, pause: Pause? = nil, running: JobID? = nil) {
            self.lock = lock
            self.pause = pause
            self.running = running
        }
    }

    package subscript(app: String, target: String) -> OnTarget {
        get { targets[app]?[target] ?? OnTarget() }
        set { targets[app, default: [:]][target] = newValue }
    }

    /// The targets that are locked or paused, in the order of their names.
    var heldPlaces: [(place: HoldOutcome.Place, held: OnTarget)] {
        targets.flatMap { app, targets in
            targets.filter { $0.value.lock != nil || $0.value.pause != nil }
                .map { (HoldOutcome.Place(app: app, target: $0.key), $0.value) }
        }.sorted { "\($0.place)" < "\($1.place)" }
    }

    /// Why a queued job waits, as a sentence without its end; nil when it waits for nothing and begins now.
    ///
    /// The rule is `JobQueue.claim`'s: a lock holds back everything, a pause what nobody asked for by hand.
    /// - Parameter priority: as it is queued, which a person who asked for the same may have raised.
    package func reason(app: String, target: String?, priority: Priority) -> String? {
        let held = target.map { self[app, $0] } ?? OnTarget()
        let isAutomatic = priority < .manual
        if let lock = held.lock { return "the target is locked by \(lock.inWords)" }
        if isAutomatic, let pause = held.pause { return "the target is paused \(pause.inWords)" }
        if isAutomatic, let queue { return "the queue is paused \(queue.inWords)" }
        if let running = held.running { return "job \(running) is running at the target" }
        switch running.count {
        case 0: return nil
        case 1: return "it waits for a free slot: job \(running[0]) is running"
        case let count: return "it waits for a free slot: \(count) jobs are running"
        }
    }
}

extension TargetLock {
    /// `ana: moving the database`
    package var inWords: String { "\(by.singleLine(limit: 100)): \(reason.singleLine(limit: 500))" }
}

extension Pause {
    /// `after the rollback by job 7`, `by ana`
    package var inWords: String {
        rollback.map { "after the rollback by job \($0)" } ?? "by \(by.singleLine(limit: 100))"
    }
}

package import Logging
import SlipwayCore

/// Writes down what a job does, however long the disk is full: that costs a job time, and a release that was made is not to
/// become a failure because nobody could write that it was made.
package struct Patience: Sendable {
    /// Between two tries.
    var pause: Duration
    /// In all.
    var limit: Duration
    /// Takes one line when a write has failed and is tried again.
    var logger: Logger

    package init(pause: Duration, limit: Duration, logger: Logger) {
        self.pause = pause
        self.limit = limit
        self.logger = logger
    }

    /// - Throws: `CancellationError` when the server stops meanwhile; else the last failure.
    func write<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let end = ContinuousClock.now + limit
        var isReported = false
        while true {
            do {
                return try await uncancelled(body)
            } catch  where ContinuousClock.now < end {
                if !isReported {
                    logger.warning("what a job does cannot be written down, trying again: \(error)")
                }
                isReported = true
                try await Task.sleep(for: pause)
            }
        }
    }
}

/// A journal that waits for room.
struct PatientJournal: Journal {
    let journal: any Journal
    let patience: Patience

    func begin(_ effect: Effect, of job: JobID, step: Step.Name) async throws -> EffectID {
        try await patience.write { try await journal.begin(effect, of: job, step: step) }
    }

    func end(_ id: EffectID, as effect: Effect) async throws {
        try await patience.write { try await journal.end(id, as: effect) }
    }

    func entries(of job: JobID) async throws -> [JournalEntry] { try await journal.entries(of: job) }
}

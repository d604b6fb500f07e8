import SlipwayCore
import Synchronization

/// A journal in which the server dies at one of its writes: that one and those after it are never stored.
final class StoppingJournal: Journal {
    private let journal: any Journal
    private let left: Mutex<Int?>
    private let die: @Sendable () -> Void

    /// - Parameters:
    ///   - writes: so many come through; nil: all.
    ///   - die: called when the server dies.
    init(_ journal: any Journal, after writes: Int?, die: @escaping @Sendable () -> Void) {
        self.journal = journal
        left = Mutex(writes)
        self.die = die
    }

    private func mayWrite() throws {
        try left.withLock { left in
            guard let count = left else { return }
            guard count > 0 else {
                die()
                throw CancellationError()
            }
            left = count - 1
        }
    }

    func begin(_ effect: Effect, of job: JobID, step: Step.Name) async throws -> EffectID {
        try mayWrite()
        return try await journal.begin(effect, of: job, step: step)
    }

    func end(_ id: EffectID, as effect: Effect) async throws {
        try mayWrite()
        try await journal.end(id, as: effect)
    }

    func entries(of job: JobID) async throws -> [JournalEntry] { try await journal.entries(of: job) }
}

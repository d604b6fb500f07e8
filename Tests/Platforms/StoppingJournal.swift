import SlipwayCore
import Synchronization

/// A journal in which the server dies at one of its writes: that one and those after it are never stored.
final class StoppingJournal: Journal {
    private let journal: any Journal
    private let left: Mutex<Int?>

    /// - Parameter writes: so many come through; nil: all.
    init(_ journal: any Journal, after writes: Int?) {
        self.journal = journal
        left = Mutex(writes)
    }

    private func mayWrite() throws {
        try left.withLock { left in
            guard let count = left else { return }
            guard count > 0 else { throw CancellationError() }
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

/// The effects of each job.
///
/// What throws has stored nothing; a write that has returned is on disk.
package protocol Journal: Sendable {
    /// Takes down an effect before it is made. A note, which is done as soon as it is written, comes with its outcome.
    func begin(_ effect: Effect, of job: JobID, step: Step.Name) async throws -> EffectID
    /// Takes down how it ended: the same effect, with its progress.
    func end(_ id: EffectID, as effect: Effect) async throws
    /// In the order in which they were begun.
    func entries(of job: JobID) async throws -> [JournalEntry]
}

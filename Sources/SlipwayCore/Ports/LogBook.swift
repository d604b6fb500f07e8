/// The output of every job, kept as bytes: one text a step, and the job's whole text in the order of arrival.
package protocol LogBook: Sendable {
    /// Appends whole lines, each with its newline, already redacted. A full disk drops them with a note and fails
    /// no job.
    func append(_ lines: [UInt8], job: JobID, step: Step.Name) async
    /// At most `limit` bytes from a byte offset of the step's text, or of the job's when `step` is nil; empty at the
    /// end.
    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> [UInt8]
    /// Bytes so far.
    func size(job: JobID, step: Step.Name?) async throws -> Int
}

/// The output of every job, kept as bytes: one text a step, and the job's whole text in the order of arrival.
///
/// An offset counts what was printed. Of a step that prints more than its bound the beginning and the end are kept, and
/// the hole between them has its offsets all the same; it begins and ends with a line.
package protocol LogBook: Sendable {
    /// Appends whole lines, each with its newline, already redacted. A full disk drops them with a note and fails
    /// no job.
    /// - Parameter isOwn: the lines are Slipway's and not a command's.
    /// - Returns: where they begin in the step's text; nil when they were dropped.
    @discardableResult
    func append(_ lines: [UInt8], job: JobID, step: Step.Name, isOwn: Bool) async -> Int?
    /// What is there of the line that comes next, already redacted; the next `append` to the step takes its place. It is
    /// no part of the text, and lost when the server stops.
    func show(_ unfinished: [UInt8], job: JobID, step: Step.Name) async
    /// What the step shows so, or of the job's steps the one that did so last; empty: nothing.
    func unfinished(job: JobID, step: Step.Name?) async -> [UInt8]
    /// At most `limit` bytes from a byte offset of the step's text, or of the job's when `step` is nil; empty at the
    /// end.
    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> LogPiece
    /// Bytes so far.
    func size(job: JobID, step: Step.Name?) async throws -> Int
    /// What is left out of the step's text or the job's.
    func omitted(job: JobID, step: Step.Name?) async throws -> [Range<Int>]
}

extension LogBook {
    /// Lines of a command.
    @discardableResult
    package func append(_ lines: [UInt8], job: JobID, step: Step.Name) async -> Int? {
        await append(lines, job: job, step: step, isOwn: false)
    }
}

/// A part of a log.
package struct LogPiece: Sendable {
    package var bytes: [UInt8] = []
    /// The offset that it goes on at.
    package var next: Int
    /// Which of the bytes are Slipway's own lines; told of a job's text only.
    package var own: [Range<Int>] = []
    /// The bytes are one line of Slipway's in the place of a hole, which ends at `next`.
    package var isOmission = false

    package init(next: Int) {
        self.next = next
    }
}

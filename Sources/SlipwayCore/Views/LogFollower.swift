/// Reads a job's log as it grows, until the job ends.
package struct LogFollower: Sendable {
    private let logs: any LogBook
    private let history: any History
    private let feed: Feed

    package init(logs: any LogBook, history: any History, feed: Feed) {
        self.logs = logs
        self.history = history
        self.feed = feed
    }

    /// Writes what the log holds from a byte offset on, then what is added, and returns once the job has ended and
    /// all of its log is written.
    ///
    /// A line without an end is written as far as it is there, and its rest when that comes. If it comes differently (a
    /// progress bar) or after another line, it is drawn again: on a terminal a carriage return goes back to the line's
    /// beginning, and what a line has before its last one is not a part of the log.
    ///
    /// - Parameters:
    ///   - step: one step's text; nil: the job's.
    ///   - interval: between heartbeats; the job's state is looked at then too, should a change have been missed.
    ///   - isWelcome: asked before anything is written.
    ///   - heartbeat: called with the job after an interval in which nothing was written; it may write a line.
    /// - Returns: the job as it ended, or as it is when the feed is finished: the server stops; nil when there is none
    ///   of this number (any more).
    /// - Throws: `Unwelcome`; what the ports or the writer throw: the reader is gone.
    package func follow(
        job id: JobID, step: Step.Name? = nil, from offset: Int = 0, every interval: Duration,
        while isWelcome: @Sendable () -> Bool = { true },
        heartbeat: ((Job) async throws -> Void)?, write: ([UInt8]) async throws -> Void
    ) async throws -> Job? {
        var place = Place(offset: offset)
        var lastPlace = place
        while true {
            guard isWelcome() else { throw Unwelcome() }
            let changes = feed.changes(heartbeat: interval)
            // Looked at after subscribing, so that an end in between is seen here or told by the feed.
            guard let job = try await lookAtEnd(of: id, step, &place, write) else { return nil }
            guard !job.state.hasEnded, !feed.isFinished else { return job }
            for await change in changes {
                guard isWelcome() else { throw Unwelcome() }
                switch change?.kind {
                case .log(id, let name, size: _) where step == nil || step == name:
                    try await copy(id, step, &place, write)
                case .job(id), .reset:
                    guard let job = try await lookAtEnd(of: id, step, &place, write) else { return nil }
                    guard !job.state.hasEnded else { return job }
                case nil:
                    guard let job = try await lookAtEnd(of: id, step, &place, write) else { return nil }
                    guard !job.state.hasEnded else { return job }
                    if let heartbeat, place == lastPlace {
                        try await erase(&place, write)
                        try await heartbeat(job)
                        try await draw(id, step, &place, write)
                    }
                    lastPlace = place
                default: break
                }
            }
            // The stream ends for a reader who is cancelled, or who fell behind and starts over from its offset.
            try Task.checkCancellation()
        }
    }

    /// Who reads the log may not do so any more.
    package struct Unwelcome: Error {
        package init() {}
    }

    /// The job, with all that was logged before it had this state written.
    private func lookAtEnd(
        of id: JobID, _ step: Step.Name?, _ place: inout Place, _ write: ([UInt8]) async throws -> Void
    ) async throws -> Job? {
        let job = try await history.job(id)
        try await copy(id, step, &place, write)
        return job
    }

    /// How far a reader has come.
    private struct Place: Equatable {
        var offset: Int
        /// What they have of a line without an end.
        var drawn: [UInt8] = []
    }

    private func copy(
        _ id: JobID, _ step: Step.Name?, _ place: inout Place, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        while true {
            let piece = try await logs.read(job: id, step: step, from: place.offset, limit: 65_536)
            guard piece.next > place.offset else { break }
            if piece.bytes.starts(with: place.drawn) {
                try await write(Array(piece.bytes.dropFirst(place.drawn.count)))
            } else {
                try await erase(&place, write)
                try await write(piece.bytes)
            }
            place = Place(offset: piece.next)
        }
        try await draw(id, step, &place, write)
    }

    private func draw(
        _ id: JobID, _ step: Step.Name?, _ place: inout Place, _ write: ([UInt8]) async throws -> Void
    ) async throws {
        let line = await logs.unfinished(job: id, step: step)
        guard !line.isEmpty, line != place.drawn else { return }
        if line.starts(with: place.drawn) {
            try await write(Array(line.dropFirst(place.drawn.count)))
        } else {
            try await erase(&place, write)
            try await write(line)
        }
        place.drawn = line
    }

    private func erase(_ place: inout Place, _ write: ([UInt8]) async throws -> Void) async throws {
        guard !place.drawn.isEmpty else { return }
        // The style's end, the line's, and back to its beginning.
        try await write(Array("\u{1B}[0m\u{1B}[2K\r".utf8))
        place.drawn = []
    }
}

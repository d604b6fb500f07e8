import SlipwayBase

/// Waits for a job's end.
package struct JobFollower: Sendable {
    private let history: any History
    private let feed: Feed

    package init(history: any History, feed: Feed) {
        self.history = history
        self.feed = feed
    }

    /// - Parameters:
    ///   - interval: between heartbeats; the job's state is looked at then too, should a change have been missed.
    ///   - isWelcome: asked after each change.
    ///   - heartbeat: called with the job after each interval.
    /// - Returns: the job as it ended, or as it is when the feed is finished: the server stops; nil when there is none of
    ///   this number (any more).
    /// - Throws: `LogFollower.Unwelcome`; what the history or the heartbeat throws.
    package func end(
        of id: JobID, every interval: Duration, while isWelcome: @Sendable () -> Bool = { true },
        heartbeat: (Job) async throws -> Void = { _ in }
    ) async throws -> Job? {
        while true {
            let changes = feed.changes(heartbeat: interval)
            // Looked at after subscribing, so that an end in between is seen here or told by the feed.
            guard let job = try await history.job(id) else { return nil }
            guard !job.state.hasEnded, !feed.isFinished else { return job }
            for await change in changes {
                guard isWelcome() else { throw LogFollower.Unwelcome() }
                switch change?.kind {
                case .job(id), .reset, nil:
                    guard let job = try await history.job(id) else { return nil }
                    guard !job.state.hasEnded else { return job }
                    if change == nil { try await heartbeat(job) }
                default: break
                }
            }
            try Task.checkCancellation()
        }
    }
}

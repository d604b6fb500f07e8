extension Feed {
    /// What `changes(after:)` gives, and nil at least every `interval`, whatever the changes: for connections that a
    /// proxy would take for dead, and for looking again at what may have been missed.
    ///
    /// - Returns: changes until the task that iterates is cancelled or stops iterating. It ends by itself when the feed
    ///   is finished, and for a listener that falls too far behind.
    package func changes(after last: UInt64? = nil, heartbeat interval: Duration) -> AsyncStream<Change?> {
        // Subscribed here and not in the task, so that nothing between this call and the first iteration is missed.
        let changes = changes(after: last)
        let (stream, continuation) = AsyncStream.makeStream(
            of: Change?.self, bufferingPolicy: .bufferingOldest(4096))
        let pump = Task {
            for await change in changes {
                guard case .enqueued = continuation.yield(change) else { break }
            }
            continuation.finish()
        }
        let clock = Task {
            while (try? await Task.sleep(for: interval)) != nil { continuation.yield(nil) }
        }
        continuation.onTermination = { _ in
            pump.cancel()
            clock.cancel()
        }
        return stream
    }
}

/// Does what computes for long on the pool that all tasks share, for a task that prefers an executor of its own: a
/// connection's, whose other connections would wait.
package func elsewhere<Result: Sendable>(
    _ work: @Sendable () async throws -> Result
) async throws -> Result {
    try await withTaskExecutorPreference(globalConcurrentExecutor) { try await work() }
}

import SlipwayBase
import SlipwayCore

extension JobRun {
    /// Runs a step, one that works on the Docker engine from its beginning again when the engine stopped in the middle:
    /// what ran on it is gone with it.
    func runBody<Value: Sendable>(
        of context: StepContext, _ body: (StepContext) async throws -> StepResult<Value>
    ) async throws -> StepResult<Value> {
        var tries = [.test, .build, .push].contains(context.step) ? parts.limits.engineTries : 1
        while true {
            do {
                return try await body(context)
            } catch let failure as StepFailure where tries > 1 {
                guard await isEngineGone(failure) else { throw failure }
                tries -= 1
                await context.log.line("the Docker engine has stopped; waiting for it")
                guard try await parts.docker.wait(within: parts.limits.engine) else {
                    throw StepFailure("\(failure.reason); it was waited for \(parts.limits.engine.inWords)")
                }
                await context.log.line("it is back; beginning the step again")
            }
        }
    }

    /// By what was said, or because it does not answer now: what an engine kills with itself may end in many words.
    private func isEngineGone(_ failure: StepFailure) async -> Bool {
        if DockerRefusal.saysEngineIsGone(failure.reason) { return true }
        // Without a CLI nobody knows; then the failure speaks for itself.
        return ((try? await parts.docker.wait(within: .zero)) ?? true) == false
    }
}

import SlipwayCore

/// Waits until the release answers.
struct VerifyStep: JobStep {
    let name = Step.Name.verify

    /// The platform watches the configured time, and says more when it is over.
    func limit(_ run: JobRun) -> TimeLimit {
        TimeLimit(duration: (run.target?.health.within ?? .zero) + run.parts.limits.slack)
    }

    func left(_ run: JobRun, _ context: StepContext) -> Product? { .nothing }

    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult {
        try await run.platform.verify(
            try context.products.release, of: try context.products.published.commit, in: context)
        return .done
    }
}

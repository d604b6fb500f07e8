import SlipwayCore

/// A step of a job, as a value. `JobRun+Step.swift` runs it.
protocol JobStep: JobPart {
    var name: Step.Name { get }

    /// Whether what comes after it needs nothing of what came before: a job that goes on behind it does none of that
    /// again. Whatever it was built by may be gone or different.
    var isCheckpoint: Bool { get }

    /// Whether it works on the Docker engine, and so begins again when that was restarted under it.
    var usesEngine: Bool { get }

    func limit(_ run: JobRun) -> TimeLimit

    /// What it left, where it had ended before the server stopped; nil: it is run again.
    func left(_ run: JobRun, _ context: StepContext) async throws -> Product?

    /// Where the server stopped in it, the step finds in the context what it had begun, and asks the world what became of
    /// it before it does anything twice.
    /// - Throws: `StepFailure`, or whatever says by itself why; `CancellationError`.
    func run(_ run: JobRun, _ context: StepContext) async throws -> StepResult
}

extension JobStep {
    var isCheckpoint: Bool { false }
    var usesEngine: Bool { false }

    var steps: [any JobStep] { [self] }

    func go(_ run: JobRun, _ products: Products) async throws -> Products {
        var products = products
        try products.add(try await run.take(self, products))
        return products
    }
}

/// How long a step may take.
struct TimeLimit: Sendable {
    var duration: Duration
    /// The key of the configuration that gives it more; nil: there is none.
    var key: String?
}

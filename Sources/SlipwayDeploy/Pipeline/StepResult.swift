import SlipwayCore

/// What a step that did not fail leaves behind.
struct StepResult: Sendable {
    var product: Product
    /// `succeeded`, `reused` or `skipped`.
    var state: Step.State
    var reason: String?

    static let done = StepResult.done(.nothing)

    static func done(_ product: Product, reason: String? = nil) -> StepResult {
        StepResult(product: product, state: .succeeded, reason: reason)
    }

    static func reused(_ product: Product, reason: String) -> StepResult {
        StepResult(product: product, state: .reused, reason: reason)
    }

    static func skipped(_ product: Product, reason: String) -> StepResult {
        StepResult(product: product, state: .skipped, reason: reason)
    }
}

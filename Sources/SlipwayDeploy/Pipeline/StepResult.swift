import SlipwayCore

/// What a step that did not fail leaves behind.
struct StepResult<Value: Sendable>: Sendable {
    var value: Value
    /// `succeeded`, `reused` or `skipped`.
    var state: Step.State
    var reason: String?

    static func done(_ value: Value, reason: String? = nil) -> StepResult {
        StepResult(value: value, state: .succeeded, reason: reason)
    }

    static func reused(_ value: Value, reason: String) -> StepResult {
        StepResult(value: value, state: .reused, reason: reason)
    }

    static func skipped(_ value: Value, reason: String) -> StepResult {
        StepResult(value: value, state: .skipped, reason: reason)
    }
}

extension StepResult where Value == Void {
    static var done: StepResult { .done(()) }
}

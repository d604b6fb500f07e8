/// One thing that `slipway check` looked at.
struct Finding: Sendable, Hashable {
    var holds: Bool
    /// What was found; when it does not hold, also what to do.
    var text: String

    static func ok(_ text: String) -> Finding { Finding(holds: true, text: text) }
    static func fail(_ text: String) -> Finding { Finding(holds: false, text: text) }

    var line: String { (holds ? "ok    " : "FAIL  ") + text }
}

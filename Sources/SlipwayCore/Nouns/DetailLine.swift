/// A line quoted from a step's output because it tells why the step failed. It is a stranger's text, redacted.
package struct DetailLine: Sendable, Hashable, Codable {
    package var step: String
    /// Where the line begins in the step's log, in bytes.
    package var offset: Int
    /// On one line and without colours; a long one is cut.
    package var text: String

    package init(step: Step.Name, offset: Int, text: String) {
        self.step = step.rawValue
        self.offset = offset
        self.text = text
    }
}

/// A value that must not be seen: every way of printing it says `[REDACTED]`.
///
/// `revealed` is the one way to the text, so that each place that uses it can be found by that word.
package struct Secret: Sendable, Hashable {
    package let revealed: String

    package init(_ text: String) {
        revealed = text
    }

    package var isEmpty: Bool { revealed.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[REDACTED]" }
    package var debugDescription: String { "[REDACTED]" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

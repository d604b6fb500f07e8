/// A value that must not be seen: every way of printing it says `[REDACTED]`.
///
/// `revealed` is the one way to the text, so that each place that uses it can be found by that word.
package struct Secret: Sendable, Hashable {
    package let revealed: String

    package init(_ text: String) {
        revealed = text
    }

    package var isEmpty: Bool { revealed.isEmpty }

    /// What a secret that people may try to guess needs at least: of random hexadecimal digits these are 2^64 guesses.
    package static let fewestBytes = 16
    package var isLong: Bool { revealed.utf8.count >= Self.fewestBytes }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[REDACTED]" }
    package var debugDescription: String { "[REDACTED]" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

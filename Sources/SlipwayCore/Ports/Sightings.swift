package import SlipwayBase

/// What the platforms have answered, a row for each target.
///
/// A call is one transaction, and what throws has stored nothing.
package protocol SightingStore: Sendable {
    /// How much Slipway has released at a place. A look takes it before it asks: an answer that a release of Slipway's has
    /// overtaken says nothing any more.
    func mark(of place: Place) async throws -> SightingMark
    /// In the place of the earlier one. Pages are told where the answer is another.
    func record(_ sighting: Sighting, app: String, target: String, since mark: SightingMark) async throws
    /// How things stand at a target, with what is known of it now.
    func standing(app: String, target: Target, at now: Timestamp) async throws -> Standing
}

package struct SightingMark: Sendable, Hashable {
    package var number: Int64

    package init(number: Int64) {
        self.number = number
    }
}

/// Asks platforms what runs.
package protocol PlatformWatch: Sendable {
    /// Asks now, and keeps the answer.
    /// - Throws: `NoAnswer` where there is none, and what the store throws.
    func look(at target: Target, of app: String) async throws -> Standing
}

/// A platform did not say what runs at a target.
package struct NoAnswer: Error, CustomStringConvertible {
    /// Why, in words.
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }

    package var description: String { reason }
}

/// The end of a process type's image at a place: releases that come run it no more.
package struct ImageRemoval: Sendable, Hashable, Codable {
    package var place: Place
    /// Of the process: `release`.
    package var type: String

    package init(place: Place, type: String) {
        self.place = place
        self.type = type
    }
}

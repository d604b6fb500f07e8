/// A change of how many instances of a process type run at a place.
package struct ScaleChange: Sendable, Hashable, Codable {
    package var place: Place
    /// Of the process: `web`.
    package var type: String
    package var quantity: Int

    package init(place: Place, type: String, quantity: Int) {
        self.place = place
        self.type = type
        self.quantity = quantity
    }
}

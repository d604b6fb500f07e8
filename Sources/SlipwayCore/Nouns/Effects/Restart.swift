/// A restart of what runs at a place.
package struct Restart: Sendable, Hashable, Codable {
    package var place: Place
    /// Of the release that runs there.
    package var version: Int
    /// What ran before it, each by a word that changes when it is restarted.
    package var instances: [String]

    package init(place: Place, version: Int, instances: [String]) {
        self.place = place
        self.version = version
        self.instances = instances
    }
}

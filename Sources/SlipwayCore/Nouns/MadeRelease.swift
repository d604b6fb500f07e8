/// A release that a job made at a place, or found there with its image, whatever became of the job afterwards.
package struct MadeRelease: Sendable {
    package var place: Place
    /// The platform's id of it.
    package var id: String
    package var release: Release

    package init(place: Place, id: String, release: Release) {
        self.place = place
        self.id = id
        self.release = release
    }
}

/// What a change of the images at a place led to.
package struct PlatformRelease: Sendable, Hashable, Codable {
    /// The platform's id of the release.
    package var id: String
    package var version: Int
    /// No release was made, because its images were live before; id and version are those of the current one.
    package var wasAlreadyRunning: Bool

    package init(id: String, version: Int, wasAlreadyRunning: Bool) {
        self.id = id
        self.version = version
        self.wasAlreadyRunning = wasAlreadyRunning
    }

    private enum CodingKeys: String, CodingKey {
        case id, version
        case wasAlreadyRunning = "was_already_running"
    }
}

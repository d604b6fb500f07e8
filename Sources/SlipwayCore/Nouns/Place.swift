/// Where a target's releases go live: one app on one platform.
package struct Place: Sendable, Hashable, Codable {
    /// The platform's name, as its key in the configuration.
    package var platform: String
    /// The app's name on the platform.
    package var name: String

    package init(platform: String, name: String) {
        self.platform = platform
        self.name = name
    }
}

package import SlipwayBase

/// What the configuration says of one platform. What else stands in it is for that platform's own module to know.
package protocol PlatformSettings: Sendable {
    /// The platform's name: `Place.platform`, and the key of its section.
    static var platform: String { get }
    /// What no log may show.
    var secrets: [Secret] { get }
    /// The registries that images of its places are pushed to.
    var registries: [PlatformRegistry] { get }
    /// What pages call a place of this name.
    func title(of place: String) -> String
}

extension PlatformSettings {
    package var registries: [PlatformRegistry] { [] }
    package func title(of place: String) -> String { place }
}

/// A registry that a platform takes images from. Builds get no login for it: whoever pushes could read the image of every
/// app there.
package struct PlatformRegistry: Sendable, Hashable {
    /// As `RegistryLogin` spells it.
    package let host: String
    /// Whose it is, for a sentence: `X's registry`.
    package let owner: String
    /// What in the configuration pushes log in with: `X.key`.
    package let key: String

    package init(host: String, owner: String, key: String) {
        self.host = RegistryLogin.canonical(host)
        self.owner = owner
        self.key = key
    }
}

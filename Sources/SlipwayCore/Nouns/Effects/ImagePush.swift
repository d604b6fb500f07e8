/// An image on its way to a registry.
package struct ImagePush: Sendable, Hashable, Codable {
    /// In the registry: `my-app/web`.
    package var repository: String
    /// The engine's id of the image, `sha256:…`.
    package var image: String

    package init(repository: String, image: String) {
        self.repository = repository
        self.image = image
    }
}

/// An image in a registry's repository.
package struct RegistryImage: Sendable, Hashable, Codable {
    /// Its config digest, `sha256:…`.
    package var image: String
    /// The digest of its manifest, as the push printed it; nil when it printed none.
    package var manifest: String?

    package init(image: String, manifest: String? = nil) {
        self.image = image
        self.manifest = manifest
    }
}

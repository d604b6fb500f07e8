/// The build of a commit's image on the engine.
package struct BuildRun: Sendable, Hashable, Codable {
    /// The name that the image gets.
    package var tag: String
    /// A digest of what decides what is built: an image of another recipe is not this one.
    package var recipe: String

    package init(tag: String, recipe: String) {
        self.tag = tag
        self.recipe = recipe
    }
}

/// An image on the engine.
package struct BuiltImageID: Sendable, Hashable, Codable {
    /// The engine's, `sha256:…`.
    package var id: String

    package init(id: String) {
        self.id = id
    }
}

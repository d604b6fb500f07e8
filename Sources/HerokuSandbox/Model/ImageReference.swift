/// An image that a release runs.
struct ImageReference: Sendable, Hashable {
    /// Digest of the image's configuration, `sha256:…`: how the API names an image.
    var config: String
    /// `<app>/<process type>` in the registry.
    var repository: String
    /// Digest of its manifest: how it is pulled.
    var manifest: String
    var entrypoint: [String] = []
    var command: [String] = []
    /// The UUID under which formations show it.
    var id = makeIdentifier()

    /// What a dyno's log says it starts.
    var commandLine: String { (entrypoint + command).joined(separator: " ") }
    /// As in a release's description.
    var shortID: String { String(config.dropFirst("sha256:".count).prefix(12)) }
}

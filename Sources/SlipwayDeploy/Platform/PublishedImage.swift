package import SlipwayCore

/// An image where a platform takes it from, ready to be released.
package struct PublishedImage: Sendable, Hashable {
    package var commit: CommitID
    /// What each process type gets, as its config digest (`sha256:…`): first those of the target in its order, then what
    /// else the release needs.
    package var images: [ProcessImage]
    /// The digest of its manifest, by which the registry finds it; nil where nobody knows.
    package var manifest: String?

    package init(commit: CommitID, images: [ProcessImage], manifest: String? = nil) {
        self.commit = commit
        self.images = images
        self.manifest = manifest
    }

    /// By which the release is known: the first process's.
    package var image: String { images.first?.image ?? "" }

    func migrated(_ migration: Migration) -> Migrated {
        Migrated(image: image, commit: commit, command: migration.command)
    }
}

package struct ProcessImage: Sendable, Hashable {
    package var type: String
    package var image: String

    package init(type: String, image: String) {
        self.type = type
        self.image = image
    }
}

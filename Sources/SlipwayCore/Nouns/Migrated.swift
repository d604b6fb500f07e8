/// What a migration was run of.
package struct Migrated: Sendable, Hashable {
    package var image: String
    package var commit: CommitID
    package var command: String

    package init(image: String, commit: CommitID, command: String) {
        self.image = image
        self.commit = commit
        self.command = command
    }
}

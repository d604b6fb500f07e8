/// What a delivery says has happened, in our words.
package enum Event: Sendable {
    case ping
    case push(Push)
    case release(ReleaseAction)
    /// An event or action that deploys nothing, with the sentence that says so.
    case unrelated(reason: String)

    /// A branch or tag that was created, moved or deleted.
    package struct Push: Sendable {
        package var repository: Repository
        package var ref: GitRef
        /// The commit the ref names now; nil when the ref was deleted. For an annotated tag this is the commit, not
        /// the tag object.
        package var commit: Commit?
        package var pusher: String?

        package init(repository: Repository, ref: GitRef, commit: Commit?, pusher: String?) {
            self.repository = repository
            self.ref = ref
            self.commit = commit
            self.pusher = pusher
        }
    }

    /// Something done to a GitHub release. The payload names a tag but no commit.
    package struct ReleaseAction: Sendable {
        package var repository: Repository
        /// GitHub's word: `published`, `created`, `edited`, …
        package var action: String
        package var tag: GitRef
        package var title: String
        package var sender: String?
        package var isPrerelease: Bool
        package var isDraft: Bool

        package init(
            repository: Repository, action: String, tag: GitRef, title: String, sender: String?,
            isPrerelease: Bool = false, isDraft: Bool = false
        ) {
            self.repository = repository
            self.action = action
            self.tag = tag
            self.title = title
            self.sender = sender
            self.isPrerelease = isPrerelease
            self.isDraft = isDraft
        }
    }
}

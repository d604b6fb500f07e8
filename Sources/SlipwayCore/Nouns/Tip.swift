/// Where a branch or tag is: its newest commit, and never the object of an annotated tag.
package struct Tip: Sendable, Hashable {
    package var ref: GitRef
    package var commit: CommitID

    package init(ref: GitRef, commit: CommitID) {
        self.ref = ref
        self.commit = commit
    }
}

package import SlipwayBase

/// An image that went live at a target.
package struct Release: Sendable {
    package var app: String
    package var target: String
    package var job: JobID
    package var commit: CommitID
    /// The image's config digest, `sha256:…`: the engine's id of it.
    package var image: String
    /// The digest of its manifest in the registry, by which it is still found when newer images have its name; nil when
    /// the push printed none.
    package var manifest: String?
    /// The platform's number of the release.
    package var version: Int
    package var since: Timestamp
    /// Of the latest at a target: the job that has released something since and came to no good end. What runs there may be
    /// that.
    package var replacedBy: JobID?

    package init(
        app: String, target: String, job: JobID, commit: CommitID, image: String, manifest: String? = nil, version: Int,
        since: Timestamp
    ) {
        self.app = app
        self.target = target
        self.job = job
        self.commit = commit
        self.image = image
        self.manifest = manifest
        self.version = version
        self.since = since
    }
}

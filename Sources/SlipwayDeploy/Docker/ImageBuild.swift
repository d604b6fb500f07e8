package import SlipwayCore

/// One `docker build`.
package struct ImageBuild: Sendable {
    package var dockerfile: String
    package var context: String
    package var tag: String
    /// Where the engine's id of the image is written.
    package var idFile: String
    package var stage: String?
    /// Whether layers of earlier builds may be used again.
    package var usesCache = true
    package var arguments: [(name: String, value: String)] = []
    package var labels: [(name: String, value: String)] = []
    /// Files with what `RUN --mount=type=secret` finds.
    package var secrets: [(id: String, file: String)] = []
    package var ssh: [SSHAccess] = []
    package var cgroupParent: String?

    package init(dockerfile: String, context: String, tag: String, idFile: String) {
        self.dockerfile = dockerfile
        self.context = context
        self.tag = tag
        self.idFile = idFile
    }
}

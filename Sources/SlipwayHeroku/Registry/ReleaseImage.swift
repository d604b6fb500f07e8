import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet

/// The image of a release phase: the same layers with the migration as the command. Heroku's release phase runs an image,
/// not a command.
struct ReleaseImage: Sendable {
    /// The process type by which Heroku knows it.
    static let type = "release"

    /// The base's id, `sha256:…`.
    var base: String
    var command: String
    /// How often its release has failed.
    var attempt: Int

    var tag: String {
        ImageName.derived("release", by: SHA256.hash(Array("\(base)\n\(attempt)\n\(command)".utf8)).hex)
    }

    /// Both, because `FROM` inherits the base's entrypoint, which would get the shell as its arguments.
    var dockerfile: String {
        """
        FROM \(ImageName.byContent(of: base))
        ENTRYPOINT ["/bin/sh","-c"]
        CMD [\(JSONText.quoted(command))]

        """
    }
}

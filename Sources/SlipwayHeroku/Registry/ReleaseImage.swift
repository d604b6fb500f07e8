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
    /// The base's.
    var entrypoint: [String] = []
    var command: String
    /// How often its release has failed.
    var attempt: Int

    var tag: String {
        let way = runsThroughEntrypoint ? "\n" + JSONText.array(entrypoint) : ""
        return ImageName.derived("release", by: SHA256.hash(Array("\(base)\n\(attempt)\n\(command)\(way)".utf8)).hex)
    }

    /// Heroku gives an image's `ENTRYPOINT` what it is to run, and has a shell run it where there is none (docs/heroku.md,
    /// 1.4). One that was written as a shell command takes no arguments, so it could run no migration.
    var runsThroughEntrypoint: Bool { !entrypoint.isEmpty && !(entrypoint.count == 3 && entrypoint[1] == "-c") }

    /// Both, because the base has its own.
    var changes: [String] {
        runsThroughEntrypoint
            ? ["ENTRYPOINT \(JSONText.array(entrypoint))", "CMD \(JSONText.array(["/bin/sh", "-c", command]))"]
            : [#"ENTRYPOINT ["/bin/sh","-c"]"#, "CMD \(JSONText.array([command]))"]
    }
}

extension JSONText {
    fileprivate static func array(_ words: [String]) -> String { "[" + words.map(quoted).joined(separator: ",") + "]" }
}

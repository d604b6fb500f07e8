import Foundation
import SlipwayCore

/// The names that images of Slipway's get on the engine, all in one repository: by them they are found, kept and removed.
package enum ImageName {
    package static let repository = "slipway-build"

    /// Of an app's image of a commit.
    static func built(_ app: String, _ commit: CommitID) -> String { "\(repository):\(app)-\(commit)" }

    /// By what is in it: no build moves it. BuildKit starts from names, not from ids.
    /// - Parameter image: its id, `sha256:…`.
    package static func byContent(of image: String) -> String {
        "\(repository):image-\(image.dropFirst("sha256:".count))"
    }

    /// Of what Slipway made of an image, by a digest of how.
    package static func derived(_ what: String, by recipe: String) -> String { "\(repository):\(what)-\(recipe)" }

    /// Of a small build that tries what a builder can do.
    static func probe() -> String { "\(repository):probe-\(UUID().uuidString.lowercased())" }

    /// Whether it is Slipway that gave a name, as the engine prints it.
    static func isOurs(_ name: String) -> Bool { name.hasPrefix(repository + ":") }
}

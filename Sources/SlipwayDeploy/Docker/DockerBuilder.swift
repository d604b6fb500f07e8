/// What a Docker CLI builds with.
package enum DockerBuilder: Sendable, Hashable {
    /// The buildx plugin.
    case buildx
    /// BuildKit inside a CLI before 23, as Debian 12 has it; it knows no attestations.
    case buildKit
    /// The engine's first builder: all that a CLI from 23 on without the plugin can do.
    case classic

    /// - Parameters:
    ///   - hasBuildx: whether `docker buildx version` succeeded.
    ///   - clientVersion: `20.10.24+dfsg1`, `28.2.2`.
    package init(hasBuildx: Bool, clientVersion: String) {
        let major = Int(clientVersion.prefix { $0.isASCII && $0.isNumber })
        self = hasBuildx ? .buildx : (major ?? 0) >= 23 ? .classic : .buildKit
    }

    package var hasBuildKit: Bool { self != .classic }

    /// How to get a builder that can do more.
    package var wayToMore: String {
        switch self {
        case .classic:
            "install docker-buildx, the plugin by which the docker CLI builds with BuildKit from version 23 on"
        case .buildx, .buildKit:
            "put `# syntax=docker/dockerfile:1` into its first line, which takes a newer frontend, or update the Docker "
                + "engine"
        }
    }
}

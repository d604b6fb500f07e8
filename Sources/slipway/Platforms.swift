import SlipwayCore
import SlipwayDeploy

/// The platforms that this program knows. A further one is a module, its `PlatformWiring` and a line here.
enum KnownPlatforms {
    static let all: [any PlatformWiring] = [HerokuWiring()]

    static var platforms: Platforms { Platforms(all.map(\.kind)) }
}

/// What the command must know of a platform.
protocol PlatformWiring: Sendable {
    var kind: any PlatformKind { get }

    /// What one place of it is, for a sentence: `X app`.
    var placeWords: String { get }

    /// Reads the section of the platform's key.
    func settings(_ section: Section) -> any PlatformSettings

    /// Reads what a target has at the platform's key.
    /// - Returns: the place's name; nil when it is reported as wrong.
    func place(_ value: Value) -> String?

    /// What `check` asks.
    func questions(_ configuration: Configuration) -> [Question]
}

extension PlatformWiring {
    /// In the configuration file: of the section with its settings, and of a target's place.
    var key: String { kind.name }
}

package import Logging
package import SlipwayCore

/// A platform, before and beside any job: what the queue asks of it, and what makes it for a job.
package protocol PlatformKind: Sendable {
    /// `Place.platform`, and the key of its section in the configuration.
    var name: String { get }

    /// By which steps an image goes live at a target, in their order.
    func stepsToGoLive(at target: Target) -> [LiveStep]

    /// - Throws: why it cannot be made, such as settings that are missing.
    func platform(for target: Target, _ configuration: Configuration, _ tools: JobTools) throws -> any Platform

    /// What `slipway check` asks of the platform, its account and its places. Reads only.
    func questions(_ configuration: Configuration) -> [PlatformQuestion]
}

/// One question of `slipway check`.
package struct PlatformQuestion: Sendable {
    /// What it is about, where nothing answers.
    package let subject: String
    /// Ends early when its task is cancelled.
    package let ask: @Sendable () async -> [Finding]

    package init(_ subject: String, _ ask: @escaping @Sendable () async -> [Finding]) {
        self.subject = subject
        self.ask = ask
    }
}

/// A step by which a platform makes an image live.
package enum LiveStep: Sendable {
    case release
    /// Before `release` it begins the release, of which it is a part; after it, it runs beside what is live.
    case migrate(Migration)
}

/// What a platform is given to work with for one job at one target.
package struct JobTools: Sendable {
    package let engine: JobEngine
    package let record: TargetRecord
    /// The server's log, not the step's.
    package let logger: Logger

    package init(engine: JobEngine, record: TargetRecord, logger: Logger) {
        self.engine = engine
        self.record = record
        self.logger = logger
    }
}

/// The platforms of this server, by name.
package struct Platforms: Sendable {
    private let kinds: [String: any PlatformKind]

    package init(_ kinds: [any PlatformKind]) {
        self.kinds = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, $0) })
    }

    package func questions(_ configuration: Configuration) -> [PlatformQuestion] {
        kinds.values.sorted { $0.name < $1.name }.flatMap { $0.questions(configuration) }
    }

    package subscript(place: Place) -> (any PlatformKind)? { kinds[place.platform] }
}

package import Logging
import SlipwayBase
package import SlipwayCore

/// Asks a platform what runs at a target, and keeps the answer.
package struct PlatformLook: Sendable {
    private let platforms: Platforms
    private let store: any SightingStore
    private let logger: Logger

    package init(_ platforms: Platforms, _ store: any SightingStore, _ logger: Logger) {
        self.platforms = platforms
        self.store = store
        self.logger = logger
    }

    /// - Parameter insists: tries again for minutes where the platform is in trouble, as a job does.
    /// - Throws: `NoAnswer`, what the store throws, and `CancellationError`.
    @discardableResult
    package func look(
        at target: Target, of app: String, _ configuration: Configuration, insists: Bool
    ) async throws -> Standing {
        guard let platform = platforms[target.place] else {
            throw NoAnswer("this program knows no platform \(target.place.platform)")
        }
        let mark = try await store.mark(of: target.place)
        // What changes while it is asked is not in the answer.
        let time = Timestamp.now()
        let answer = try await platform.whatRuns(at: target, configuration, insists: insists, logger)
        try await store.record(Sighting(at: time, of: target.place, answer), app: app, target: target.name, since: mark)
        return try await known(at: target, of: app)
    }

    /// By the last answer.
    func known(at target: Target, of app: String) async throws -> Standing {
        try await store.standing(app: app, target: target, at: .now())
    }
}

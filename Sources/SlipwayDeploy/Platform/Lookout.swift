package import Logging
package import SlipwayBase
package import SlipwayCore

/// Asks the platforms what runs: at the server's start, every few minutes, and when something depends on it.
package actor Lookout: PlatformWatch {
    /// Seconds. Short enough that one look may fail before an answer is too old, and a small share of what an account may
    /// ask: three requests for each target. Not in step with other servers.
    static let pauses = 150.0...210.0
    private static let mostAtOnce = 4

    private let look: PlatformLook
    private let configuration: Current<Configuration>
    private let feed: Feed
    private let clock: any Clock<Duration>
    private let logger: Logger
    /// Of which it was said that they do not answer.
    private var silent: Set<String> = []

    /// - Parameter logger: takes one line when a platform begins not to answer, and one when it does again.
    package init(
        _ look: PlatformLook, configuration: Current<Configuration>, feed: Feed,
        clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        self.look = look
        self.configuration = configuration
        self.feed = feed
        self.clock = clock
        self.logger = logger
    }

    /// Looks at once, and then again and again until its task is cancelled.
    package func run() async {
        repeat {
            await lookAround()
        } while (try? await clock.sleep(for: .seconds(Double.random(in: Self.pauses)))) != nil
    }

    package nonisolated func look(at target: Target, of app: String) async throws -> Standing {
        try await look.look(at: target, of: app, configuration.value, insists: false)
    }

    /// At every target once.
    package func lookAround() async {
        let configuration = configuration.value
        let targets = configuration.apps.flatMap { app in app.targets.map { (app: app.name, target: $0) } }
        await withTaskGroup(of: Void.self) { group in
            for (index, place) in targets.enumerated() {
                if index >= Self.mostAtOnce { await group.next() }
                group.addTask { await self.look(at: place.target, of: place.app, configuration) }
            }
        }
    }

    private func look(at target: Target, of app: String, _ configuration: Configuration) async {
        let place = "\(app)/\(target.name)"
        do {
            try await look.look(at: target, of: app, configuration, insists: false)
            if silent.remove(place) != nil { logger.notice("it is known again what runs at \(place)") }
        } catch {
            // A server that stops cuts off what is under way.
            guard !Task.isCancelled else { return }
            // Nothing else tells a page that what it shows has become too old.
            if (try? await look.known(at: target, of: app))?.state == .unknown { feed.publish(.reset) }
            guard silent.insert(place).inserted else { return }
            let reason = Redactor(secrets: configuration.secrets).redact("\(error)".singleLine(limit: 500))
            logger.warning("it is not known what runs at \(place), which is asked again until it is: \(reason)")
        }
    }
}

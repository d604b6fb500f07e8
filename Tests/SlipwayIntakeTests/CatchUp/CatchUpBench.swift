import SlipwayBase
import SlipwayCore
import SlipwayStore
import Synchronization
import TestLogs
import Testing

@testable import SlipwayIntake

/// The real catch-up before a real store, on a clock that stands still.
final class CatchUpBench: Sendable {
    static let shop = App(
        name: "shop", repository: "octo/shop", cloneURL: "file:///shop",
        targets: [
            Target(
                name: "production", place: Place(platform: "heroku", name: "shop"),
                when: DeployCondition(branches: [Glob("main")], tags: [Glob("v*")], release: "published"))
        ])

    let bench: IntakeBench
    let tips = TipsStub()
    let clock = StillClock()
    private let catchUp: CatchUp
    private let running = Mutex<Task<Void, Never>?>(nil)

    init(apps: [App] = [shop], publicURL: String? = "https://deploy.example", api: String? = nil) async throws {
        bench = try await IntakeBench(apps: apps, publicURL: publicURL)
        if let api {
            bench.configuration.value.github = GitHubSettings(token: Secret("ghp_of_the_tests"))
            bench.configuration.value.github.apiURL = api
        }
        catchUp = CatchUp(
            configuration: bench.configuration, deliveries: bench.store, store: bench.store, reader: tips,
            userAgent: "slipway/test", clock: clock, logger: bench.log.logger)
    }

    deinit { running.withLock { $0?.cancel() } }

    /// The log's lines of what is delivered, of what was seen for the first time, and of what fails or works again.
    var delivered: [String] { bench.log.notices.filter { $0.hasPrefix("delivery ") } }
    var told: [String] { bench.log.notices.filter { !$0.hasPrefix("delivery ") } }
    var reported: [String] { bench.log.warnings }

    /// One look, the first or the next, to its end.
    func look() async {
        running.withLock { running in
            if running == nil {
                running = Task { [catchUp] in await catchUp.run() }
            } else {
                clock.wake()
            }
        }
        await clock.isSleptOn()
    }

    /// `1 catch-up refs/heads/main 2222222` for each job, oldest first.
    func jobs() async throws -> [String] {
        try await bench.store.jobs(JobFilter()).reversed().map { job in
            let trigger = job.plan.trigger
            return "\(job.id) \(trigger.kind.rawValue) \(trigger.ref) \(job.plan.commit.id?.short ?? "-")"
        }
    }

    /// Commit `2` is 40 twos.
    static func commit(_ digit: Int) -> String { String(repeating: "\(digit)", count: 40) }

    static func push(_ ref: String, _ digit: Int) -> String {
        """
        {"ref": "\(ref)", "after": "\(commit(digit))", "deleted": false,
         "repository": {"id": 9, "full_name": "octo/shop"}, "pusher": {"name": "ana"},
         "head_commit": {"id": "\(commit(digit))", "message": "Sell \(digit)", "author": {"name": "Ana"}}}
        """
    }

    static func release(_ tag: String, prerelease: Bool = false) -> String {
        """
        {"action": "published", "release": {"tag_name": "\(tag)", "name": null, "prerelease": \(prerelease)},
         "sender": {"login": "ana"}, "repository": {"id": 9, "full_name": "octo/shop"}}
        """
    }
}

/// Repositories that are where a test puts them.
final class TipsStub: TipReader {
    private let state = Mutex<[String: [Tip]]>([:])

    struct Down: Error, CustomStringConvertible {
        let description = "the repository is down"
    }

    /// - Parameter tips: refs, and which commit each names; nil: the repository cannot be asked.
    func put(_ tips: KeyValuePairs<String, Int>?, app: String = "shop") throws {
        let list = try tips?.map { ref, digit in
            Tip(ref: try #require(GitRef(ref)), commit: try #require(CommitID(CatchUpBench.commit(digit))))
        }
        state.withLock { $0[app] = list }
    }

    func tips(of app: App) async throws -> [Tip] {
        guard let tips = state.withLock({ $0[app.name] }) else { throw Down() }
        return tips
    }
}

/// A clock that stands still: who sleeps on it sleeps until a test wakes them.
final class StillClock: Clock {
    let now = ContinuousClock.now
    let minimumResolution = Duration.nanoseconds(1)
    let pauses = Mutex<[Duration]>([])
    private let sleeps = AsyncStream.makeStream(of: Void.self)
    private let wakes = AsyncStream.makeStream(of: Void.self)

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        pauses.withLock { $0.append(now.duration(to: deadline)) }
        sleeps.continuation.yield()
        for await _ in wakes.stream { return }
        throw CancellationError()
    }

    func isSleptOn() async {
        for await _ in sleeps.stream { return }
    }

    func wake() { wakes.continuation.yield() }
}

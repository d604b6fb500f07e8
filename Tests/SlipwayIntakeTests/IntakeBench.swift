import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayIntake
import SlipwayNet
import SlipwayStore
import Synchronization
import TestLogs
import TestSupport
import Testing

/// The hook and the deploy door before a real store in a folder of their own.
final class IntakeBench: Sendable {
    static let secret = "a test secret of the server"

    private let temporary: TemporaryFolder
    var folder: String { temporary.path }
    let feed = Feed()
    let store: SQLiteStore
    let logs: FileLogBook
    let configuration: Current<Configuration>
    let log = LogRecorder()
    /// What anybody can cause.
    let strangersLog = LogRecorder()
    let control = ControlStub()
    /// Whether `ops` still counts.
    let isWelcome = Mutex(true)
    let refs = RefsStub()

    init(apps: [App], secrets: [String] = [IntakeBench.secret], publicURL: String? = nil) async throws {
        temporary = .unmade()
        let folder = temporary.path
        store = try await SQLiteStore.open(at: folder, feed: feed)
        logs = FileLogBook(folder: folder + "/logs", feed: feed)
        var server = ServerSettings(host: "127.0.0.1", port: 0, data: folder)
        server.webhookSecrets = secrets.map { Secret($0) }
        server.publicURL = publicURL
        configuration = Current(
            Configuration(server: server, apps: apps, secrets: []))
    }

    /// - Parameters:
    ///   - deliveries: instead of the store.
    ///   - others: instead of the logs.
    func router(
        deliveries: (any DeliveryStore)? = nil, logs others: (any LogBook)? = nil, heartbeat: Duration = .seconds(15)
    ) -> Router {
        var router = Router()
        router.failure = { _, error in
            var response = HTTPResponse.text(error.message, status: error.status)
            for (name, value) in error.headers { response.headers[name] = value }
            return response
        }
        GitHubHook(
            configuration: configuration, deliveries: deliveries ?? store, logger: log.logger,
            strangers: strangersLog.logger
        ).addRoutes(to: &router)
        DeployRequests(
            configuration: configuration, deliveries: deliveries ?? store, history: store, control: control,
            queue: store, refs: refs,
            logs: others ?? logs, feed: feed,
            authorize: { request, permission in
                guard request.headers["Authorization"] == "Bearer ops" else {
                    throw HTTPError(.unauthorized, code: "unauthorized", message: "no")
                }
                guard permission == .deploy else { throw HTTPError(.forbidden, code: "forbidden", message: "no") }
                return Caller(
                    name: "ops", permissions: [.read, .deploy], isBrowser: request.headers["Cookie"] != nil
                ) { [self] in isWelcome.withLock { $0 } }
            }, heartbeat: heartbeat, logger: log.logger
        ).addRoutes(to: &router)
        return router
    }

    /// Runs what is queued, and what will be, to this end, up to a job.
    func run(upTo job: JobID, as state: Job.State, reason: String? = nil) async throws {
        var changes = feed.changes().makeAsyncIterator()
        while true {
            while let next = try await store.claim(slots: 1, steps: { _ in [.checkout] }) {
                try await store.finish(next.id, as: state, reason: reason)
                if next.id == job { return }
            }
            _ = await changes.next()
        }
    }

    /// An app of this repository with a target `all` for every branch, tag and published release.
    static func app(
        _ repository: String, name: String = "my_app", secrets: [String] = [],
        when: DeployCondition = DeployCondition(branches: [Glob("**")], tags: [Glob("**")], release: "published")
    ) -> App {
        App(
            name: name, repository: repository, cloneURL: "https://git.example/\(repository).git",
            webhookSecrets: secrets.map { Secret($0) },
            targets: [Target(name: "all", place: Place(platform: "heroku", name: "\(name)-all"), when: when)])
    }

    static func fixture(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
        return Array(try Data(contentsOf: url))
    }

    static func signature(_ body: [UInt8], _ secret: String = secret) -> String {
        "sha256=" + HMACSHA256.authenticate(body, key: Array(secret.utf8)).hex
    }

    /// A delivery as GitHub sends it.
    static func delivery(
        _ event: String, _ body: [UInt8], guid: String = UUID().uuidString, secret: String = secret
    ) throws -> HTTPRequest {
        HTTPRequest(
            method: .post, target: try #require(HTTPTarget("/hooks/github")),
            headers: [
                "Host": "deploy.example", "User-Agent": "GitHub-Hookshot/1", "Content-Type": "application/json",
                "X-GitHub-Event": event, "X-GitHub-Delivery": guid,
                "X-Hub-Signature-256": signature(body, secret),
            ], body: .bytes(body))
    }
}

/// Says what it is told to, and remembers what it was asked.
final class ControlStub: JobControl {
    let answer = Mutex<Cancellation>(.accepted)
    let asked = Mutex<[String]>([])

    func cancel(_ job: JobID, by: String) async throws -> Cancellation {
        asked.withLock { $0.append("\(job) by \(by)") }
        return answer.withLock { $0 }
    }
}

final class RefsStub: RefResolver {
    let known = Mutex<[String: Commit]>([:])
    let trees = Mutex<[String: RefIsNoCommit]>([:])
    let isDown = Mutex(false)
    let asked = Mutex<[String]>([])

    struct Down: Error {}

    func resolve(_ ref: String, app: App) async throws -> (ref: String, commit: Commit)? {
        asked.withLock { $0.append(ref) }
        if isDown.withLock({ $0 }) { throw Down() }
        if let tree = trees.withLock({ $0[ref] }) { throw tree }
        return known.withLock { $0[ref] }.map { ("refs/heads/\(ref)", $0) }
    }
}

/// A store whose disk is full.
struct FullStore: DeliveryStore {
    struct Full: Error {}

    func record(_ delivery: Delivery, _ decision: Decision, repository: Repository?) async throws -> Receipt {
        throw Full()
    }

    func app(of repository: Repository.ID) async throws -> String? { nil }
}

/// Logs on a disk that cannot be read.
struct UnreadableLogs: LogBook {
    struct Broken: Error {}

    func append(_ lines: [UInt8], job: JobID, step: Step.Name, isOwn: Bool) async -> Int? { nil }
    func show(_ unfinished: [UInt8], job: JobID, step: Step.Name) async {}
    func unfinished(job: JobID, step: Step.Name?) async -> [UInt8] { [] }
    func read(job: JobID, step: Step.Name?, from offset: Int, limit: Int) async throws -> LogPiece { throw Broken() }
    func size(job: JobID, step: Step.Name?) async throws -> Int { throw Broken() }
    func omitted(job: JobID, step: Step.Name?) async throws -> [Range<Int>] { throw Broken() }
}

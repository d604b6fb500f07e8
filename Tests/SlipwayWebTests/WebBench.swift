import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import SlipwayStore
import SlipwayWeb
import Synchronization
import TestLogs
import TestSamples
import TestSupport
import Testing

/// The window over a real store in a folder of its own, with the pages of this repository.
final class WebBench: Sendable {
    private let temporary: TemporaryFolder
    var folder: String { temporary.path }
    let feed = Feed()
    let store: SQLiteStore
    let logs: FileLogBook
    let configuration: Current<Configuration>
    let web: WebApplication
    let router: Router
    let clock = Box(Timestamp(milliseconds: 1_795_000_000_000))
    let moment = Box(ContinuousClock.now)
    let unready = Box<String?>(nil)
    let log = LogRecorder()
    /// What anybody can cause.
    let strangersLog = LogRecorder()

    static let publicFolder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Public").path

    init(publicURL: String? = nil, publicStatus: Bool = false, proxies: [String] = [], logBound: Int = 64 << 20)
        async throws
    {
        temporary = .unmade()
        let folder = temporary.path
        store = try await SQLiteStore.open(at: folder, feed: feed)
        logs = FileLogBook(folder: folder + "/logs", feed: feed, bound: logBound)
        var server = ServerSettings(host: "127.0.0.1", port: 0, data: folder)
        server.publicURL = publicURL
        server.publicStatus = publicStatus
        server.trustedProxies = proxies
        server.tokens = [
            AccessToken(name: "ops", value: Secret("ops-token-value"), permissions: [.read, .deploy]),
            AccessToken(name: "guest", value: Secret("guest-token-value"), permissions: [.read]),
            AccessToken(name: "robot", value: Secret("robot-token-value"), permissions: [.deploy]),
        ]
        let app = App(
            name: "my_app", repository: "owner/my_app", cloneURL: "https://git.example/owner/my_app.git",
            targets: [
                Target(name: "homolog", place: Place(platform: "heroku", name: "my-app-homolog")),
                Target(name: "production", place: Place(platform: "heroku", name: "my-app")),
            ])
        configuration = Current(
            Configuration(server: server, apps: [app], secrets: []))
        web = try WebApplication(
            configuration: configuration, history: store, journal: store, logs: logs, feed: feed,
            sessions: try await SessionRecords(data: folder, store: store), folder: Self.publicFolder, version: "1.2.3",
            startedAt: Timestamp(milliseconds: 1_795_000_000_000), heartbeat: .milliseconds(20),
            now: { [clock] in clock.value }, moment: { [moment] in moment.value },
            unready: { [unready] in unready.value }, logger: log.logger, strangers: strangersLog.logger)
        var router = Router()
        web.addRoutes(to: &router)
        self.router = router
    }

    func get(
        _ target: String, token: String? = "guest", accept: String? = nil, cookie: String? = nil,
        from address: String = "127.0.0.1", headers: [String: String] = [:]
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(
            method: .get, target: try #require(HTTPTarget(target)), headers: ["Host": "slip"], remoteAddress: address)
        request.headers["Authorization"] = token.map { "Bearer \($0)-token-value" }
        request.headers["Accept"] = accept
        request.headers["Cookie"] = cookie
        for (name, value) in headers { request.headers[name] = value }
        return await router.respond(to: request)
    }

    /// Who comes in once the server was restarted.
    func restarted() async throws -> Access {
        Access(
            configuration: configuration,
            sessions: try await SessionRecords(data: folder, store: store, now: clock.value),
            now: { [clock] in clock.value }, logger: log.logger, strangers: strangersLog.logger)
    }

    /// A form that a browser sends.
    func post(
        _ target: String, _ form: String, cookie: String? = nil, origin: String? = "http://slip",
        accept: String? = "text/html,*/*;q=0.8", from address: String = "127.0.0.1", headers: [String: String] = [:]
    ) async throws -> HTTPResponse {
        var request = HTTPRequest(
            method: .post, target: try #require(HTTPTarget(target)),
            headers: ["Host": "slip", "Content-Type": "application/x-www-form-urlencoded"],
            body: .bytes(Array(form.utf8)), remoteAddress: address)
        request.headers["Accept"] = accept
        request.headers["Cookie"] = cookie
        request.headers["Origin"] = origin
        for (name, value) in headers { request.headers[name] = value }
        return await router.respond(to: request)
    }

    /// The `Cookie` of a browser that has logged in.
    func login(as name: String = "ops") async throws -> String {
        let response = try await post("/login", "token=\(name)-token-value")
        let cookie = try #require(response.headers["Set-Cookie"])
        return String(cookie.prefix { $0 != ";" })
    }

    /// The CSRF token in a page's forms.
    func csrf(_ cookie: String) async throws -> String {
        let page = try await get("/", token: nil, accept: "text/html", cookie: cookie).text
        let start = try #require(page.range(of: #"name="csrf" value=""#)).upperBound
        return String(page[start...].prefix { $0 != "\"" })
    }

    /// Queues a job as a push would.
    @discardableResult
    func queue(
        message: String = "Say hello", target: String? = "homolog", sha: String? = nil, by: String = "ada",
        ref: String = "refs/heads/main"
    ) async throws -> JobID {
        let guid = UUID().uuidString
        let sha = sha ?? (UUID().uuidString + "00000000").lowercased().filter { $0 != "-" }
        let plan = Plan(
            app: "my_app", target: target, trigger: Trigger(kind: .push, ref: ref, delivery: guid, by: by),
            commit: Commit(id: CommitID(sha), message: message, author: "Ada"))
        guard case .queued(let jobs) = try await store.record(.sample(guid), .plans([plan]), repository: nil) else {
            throw NoJob()
        }
        return try #require(jobs.first).id
    }

    struct NoJob: Error {}

    /// Claims the next job, runs it to this end and logs a line for each of its steps.
    @discardableResult
    func run(to state: Job.State?, reason: String? = nil, steps: [Step.Name] = [.checkout, .build]) async throws -> Job
    {
        let job = try #require(try await store.claim(slots: 9) { _ in steps })
        for name in steps {
            var step = Step(name: name, state: .running, startedAt: .now())
            try await store.update(step, of: job.id)
            await logs.append(Array("\(name.rawValue) of \(job.id)\n".utf8), job: job.id, step: name)
            guard let state else { break }
            step.state = state == .succeeded ? .succeeded : .failed
            step.finishedAt = .now()
            try await store.update(step, of: job.id)
        }
        if let state { try await store.finish(job.id, as: state, reason: reason) }
        return try #require(try await store.job(job.id))
    }
}

/// A value that a test changes while the server reads it.
final class Box<Value: Sendable>: Sendable {
    private let storage: Mutex<Value>

    init(_ value: Value) { storage = Mutex(value) }

    var value: Value { storage.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) { storage.withLock { body(&$0) } }
}

/// Reads a stream while a test goes on, and leaves at its end.
func reading<Result>(_ response: HTTPResponse, _ body: (StreamReader) async throws -> Result) async throws -> Result {
    guard case .stream(let write) = response.body else { throw WebBench.NoJob() }
    let reader = StreamReader()
    let task = Task { try await write(HTTPBodyWriter { await reader.add($0) }) }
    defer { task.cancel() }
    return try await body(reader)
}

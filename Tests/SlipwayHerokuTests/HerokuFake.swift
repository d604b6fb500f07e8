import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import Synchronization
import TestLogs
import TestSamples
import TestSupport
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

/// A Heroku that answers what a test says, on a real server; what the test does not script, a small healthy app does.
final class FakeHeroku: Sendable {
    struct Call: Sendable {
        var method: String
        var path: String
        var headers: HTTPHeaders
        var body: String

        var route: String { "\(method) \(path)" }
    }

    /// Gets the call and how many of its route came before.
    typealias Answer = @Sendable (Call, Int) async throws -> HTTPResponse

    let clock = LeapClock()
    let log = RecordedLog()
    let serverLog = LogRecorder(level: .debug)
    let journal: RecordedJournal
    /// What a server that was killed had begun.
    private let earlier: [JournalEntry]
    private let state = Mutex(State())

    private struct State {
        var answers: [String: Answer] = [:]
        var calls: [Call] = []
        var port = 0
    }

    static let app = "my-app"
    static let image = "sha256:142013fe2b5c" + String(repeating: "0", count: 52)
    static let place = Place(platform: "heroku", name: app)
    static let key = "HRKU-00000000-1111-2222-3333-444444444444"
    static let commit = "48141bb0f3a1c2d3e4f5061728394a5b6c7d8e9f"

    init(earlier: [Effect] = []) {
        journal = RecordedJournal(earlier)
        self.earlier = journal.entries
        on("GET /account", json: #"{"email": "ops@example.com"}"#)
        on("GET /apps/my-app", Self.appAnswer)
        on("GET /apps/my-app/releases", json: "[\(Self.release(7, current: true))]")
        on("GET /apps/my-app/releases/release-8", json: Self.release(8))
        on("GET /apps/my-app/formation", json: #"[{"type": "web", "quantity": 1}]"#)
        on("GET /apps/my-app/dynos", json: "[\(Self.dyno("web.1", version: 8))]")
        on("GET /apps/my-app/features/preboot", json: #"{"enabled": false}"#)
        on("GET /") { _, _ in .text("hello\n") }
    }

    /// The change to the one image, from v7.
    static func change(_ progress: Effect.Progress<ReleaseOutcome>) -> Effect {
        .release(ReleaseChange(place: place, images: ["web": image], versionBefore: 7), progress)
    }

    static func oneOff(
        _ marker: String, _ way: OneOffRun.Way, _ progress: Effect.Progress<OneOffEnd>
    ) -> Effect {
        .runOneOff(OneOffRun(place: place, marker: marker, way: way, command: "/app/bin/migrate"), progress)
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var port: Int { state.withLock { $0.port } }
    var calls: [Call] { state.withLock { $0.calls } }

    func calls(_ route: String) -> [Call] { calls.filter { $0.route == route } }

    func on(_ route: String, _ answer: @escaping Answer) {
        state.withLock { $0.answers[route] = answer }
    }

    func on(_ route: String, json: String, status: Int = 200) {
        on(route) { _, _ in .json(Array(json.utf8), status: HTTPStatus(status)) }
    }

    /// One JSON after the other; the last stays.
    func on(_ route: String, inTurn answers: [String]) {
        on(route) { _, count in .json(Array(answers[min(count, answers.count - 1)].utf8)) }
    }

    private static let appAnswer: Answer = { call, _ in
        let host = call.headers["Host"] ?? ""
        return .json(
            Array(
                """
                {"name": "my-app", "web_url": "http://\(host)/", "maintenance": false,
                 "stack": {"name": "container"}, "build_stack": {"name": "container"}, "generation": {"name": "cedar"}}
                """.utf8))
    }

    static func release(
        _ version: Int, _ status: String = "succeeded", current: Bool = false,
        description: String = "Deployed web (142013fe2b5c)", output: String? = nil
    ) -> String {
        """
        {"id": "release-\(version)", "version": \(version), "status": "\(status)", "current": \(current),
         "description": "\(description)", "output_stream_url": \(output.map { "\"\($0)\"" } ?? "null")}
        """
    }

    static func dyno(_ name: String, version: Int, state: String = "up", id: String? = nil, attach: String? = nil)
        -> String
    {
        """
        {"id": "\(id ?? name)", "name": "\(name)", "type": "\(name.prefix { $0 != "." })", "state": "\(state)",
         "command": "x", "attach_url": \(attach.map { "\"\($0)\"" } ?? "null"), "release": {"id": "r", "version": \(version)},
         "updated_at": "2026-11-22T19:00:00Z"}
        """
    }

    /// Serves while `test` runs.
    func serve(_ test: (FakeHeroku) async throws -> Void) async throws {
        var router = Router()
        for method in [HTTPMethod.get, .post, .patch, .delete] {
            router.on(method, "/{path...}") { request, _ in try await self.answer(request) }
        }
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: .patient, router: router)
        state.withLock { $0.port = server.port }
        let running = Task { try? await server.run() }
        defer { running.cancel() }
        try await test(self)
    }

    private func answer(_ request: HTTPRequest) async throws -> HTTPResponse {
        let body = String(decoding: try await request.body.collect(upTo: 1_000_000), as: UTF8.self)
        let call = Call(
            method: request.method.description, path: request.target.path, headers: request.headers, body: body)
        let (answer, count) = state.withLock { state in
            let count = state.calls.count { $0.route == call.route }
            state.calls.append(call)
            return (state.answers[call.route], count)
        }
        guard let answer else {
            return .json(
                Array(#"{"id": "not_found", "message": "Couldn't find that."}"#.utf8), status: .notFound)
        }
        return try await answer(call, count)
    }

    var settings: HerokuSettings {
        var settings = HerokuSettings(apiKey: Secret(Self.key))
        settings.apiURL = url
        return settings
    }

    private static func target(_ migrate: Migration?, _ processes: [String], _ health: HealthCheck) -> Target {
        var target = Target(name: "homolog", place: .heroku(app), migrate: migrate, health: health)
        target.processes = processes
        return target
    }

    func platform(
        migrate: Migration? = nil, processes: [String] = ["web"], health: HealthCheck = HealthCheck(),
        ca: String? = nil, limits: HerokuLimits = .ofTests
    ) throws -> HerokuPlatform {
        var settings = settings
        settings.ca = ca
        let target = Self.target(migrate, processes, health)
        let configuration = Configuration(
            server: ServerSettings(host: "127.0.0.1", port: 0, data: "/nowhere"), platforms: [settings], apps: [],
            secrets: [])
        let engine = JobEngine(
            DockerEngine(), CommandRunner(), folder: "/nowhere", instance: "", job: 1,
            redactor: Redactor(secrets: []), configuration: configuration)
        let record = TargetRecord(
            NoReleases(), Patience(pause: .zero, limit: .zero, logger: serverLog.logger), app: "my_app",
            target: target.name, job: 1)
        return try HerokuPlatform(
            settings, target, JobTools(engine: engine, record: record, logger: serverLog.logger),
            userAgent: "slipway/test", clock: clock,
            limits: limits)
    }

    func context(step: Step.Name = .release, migrate: Migration? = nil, processes: [String] = ["web"]) -> StepContext {
        let target = Self.target(migrate, processes, HealthCheck())
        let app = App(name: "my_app", repository: "owner/my_app", cloneURL: "file:///nowhere", targets: [target])
        let plan = Plan.sample("my_app", "homolog", commit: CommitID(Self.commit))
        return StepContext(
            job: Job(id: 1, plan: plan, state: .running, createdAt: .now()), app: app, target: target, step: step,
            log: StepLog(book: log, job: 1, step: step, redactor: Redactor(secrets: [Secret(Self.key)])),
            journal: journal, earlier: earlier)
    }
}

extension HerokuPlatform {
    /// Releases an image for the process `web`.
    func release(_ image: String, in context: StepContext) async throws -> PlatformRelease {
        guard let commit = CommitID(FakeHeroku.commit) else { throw StepFailure("no commit") }
        return try await release(
            PublishedImage(commit: commit, images: [ProcessImage(type: "web", image: image)]), in: context)
    }
}

/// The reason of the `StepFailure` that the work must end in.
func failureReason(_ work: () async throws -> Void, _ location: SourceLocation = #_sourceLocation) async -> String {
    do {
        try await work()
        Issue.record("it did not fail", sourceLocation: location)
    } catch let failure as StepFailure {
        return failure.reason
    } catch {
        Issue.record("not a StepFailure: \(error)", sourceLocation: location)
    }
    return ""
}

extension HerokuLimits {
    /// The defaults, with ten minutes for each that is real time: the stand-in answers when the machine lets it.
    static var ofTests: HerokuLimits {
        var limits = HerokuLimits()
        limits.answerTime = .seconds(600)
        limits.connectTime = .seconds(600)
        limits.healthTime = .seconds(600)
        return limits
    }
}

import Foundation
import Logging
import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestSupport
import Testing

@testable import SlipwayDeploy

/// A worker with everything real but the platform: git, the engine, the registry, and the store, which is in memory.
struct Bench: Sendable {
    let data: TemporaryFolder
    let repository: GitRepository
    let parts: Parts
    let store: Store
    let book = MemoryLogBook()
    let platform: ScriptedPlatform
    let worker: Worker
    let configuration: Current<Configuration>
    let instance: String
    let herokuApp: String

    static let dockerfile = """
        FROM \(Parts.image) AS base
        ARG SLIPWAY_COMMIT
        ARG GREETING=none
        RUN echo "$SLIPWAY_COMMIT $GREETING" > /commit
        FROM base AS app
        COPY . /app
        ENTRYPOINT ["/bin/busybox"]
        CMD ["cat", "/commit"]
        """

    init(
        _ script: ScriptedPlatform.Script = .init(), limits: StepLimits = StepLimits(), drain: Duration = .seconds(30),
        docker: DockerEngine? = nil, shortage: Current<String?> = Current(nil),
        _ change: (inout App) -> Void = { _ in }
    ) async throws {
        data = try TemporaryFolder()
        store = try Store()
        repository = try await GitRepository()
        parts = try await Parts()
        platform = ScriptedPlatform(script)
        herokuApp = Parts.herokuApp()
        var app = App(name: "my_app", repository: "owner/my_app", cloneURL: repository.url)
        app.targets = [Target(name: "homolog", place: .heroku(herokuApp))]
        app.build.stage = "app"
        change(&app)
        var settings = Samples.configuration(data: data.path, apps: [app], registry: parts.registry, key: parts.key)
        settings.server.drain = drain
        configuration = Current(settings)
        instance = try Instance.id(in: data.path)
        let git = Git(data: data.path, configuration: configuration, patience: [])
        worker = Worker(
            pipeline: Pipeline(
                queue: store.ports, journal: store.ports, releases: store.ports, logs: book, git: git,
                docker: docker ?? parts.docker, platforms: Platforms([platform]), data: data.path, instance: instance,
                limits: limits, shortage: { shortage.value }),
            history: store.ports, configuration: configuration,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// A commit with a Dockerfile.
    func commit(_ message: String = "one", _ files: [String: String] = [:]) async throws -> CommitID {
        try await repository.commit(message, files: ["Dockerfile": Self.dockerfile].merging(files) { $1 })
    }

    /// Runs the worker while the body lasts.
    func working<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let task = Task { await worker.run() }
        do {
            let value = try await body()
            task.cancel()
            await task.value
            return value
        } catch {
            task.cancel()
            await task.value
            throw error
        }
    }

    func run(_ plan: Plan) async throws -> Job {
        let job = try await store.enqueue(plan)
        return try await working { try await store.ended(job.id) }
    }

    /// `checkout:succeeded test:failed …`
    func summary(_ job: Job) -> String {
        job.steps.map { "\($0.name.rawValue):\($0.state.rawValue)" }.joined(separator: " ")
    }
}

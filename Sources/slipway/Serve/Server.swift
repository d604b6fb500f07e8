import Logging
import SlipwayBase
import SlipwayCore
import SlipwayDeploy
import SlipwayHTTP
import SlipwayIntake
import SlipwayNet
import SlipwayStore
import SlipwayWeb

/// The server, wired: delivery → event → plan → job → steps → release, each part given what it needs and no more.
struct Server: Sendable {
    let configuration: Current<Configuration>
    let http: HTTPServer
    /// nil: plain HTTP.
    let tls: TLSServerContext?
    let address: String
    private let worker: Worker
    private let housekeeper: Housekeeper
    private let catchUp: CatchUp
    private let store: SQLiteStore
    private let feed: Feed
    private let lock: DataFolderLock

    /// Everything that can be wrong is found here: a data folder in use, a newer database, a broken certificate, a
    /// busy port. Nothing is answered and no job runs before `run`.
    /// - Parameter strangers: for lines that anybody on the network can cause.
    init(configuration first: Configuration, logger: Logger, strangers: Logger) async throws {
        let settings = first.server
        configuration = Current(first)
        lock = try DataFolderLock(folder: settings.data)

        // What survives.
        feed = Feed()
        store = try await SQLiteStore.open(at: settings.data, feed: feed, logger: logger)
        let logs = FileLogBook(folder: settings.data, feed: feed)

        // Job → steps → release.
        let instance = try Instance.id(in: settings.data)
        let runner = CommandRunner(instance: instance)
        let ended = runner.endLeftovers()
        if ended > 0 { logger.notice("commands of a stopped server were ended", metadata: ["processes": "\(ended)"]) }
        let git = Git(data: settings.data, configuration: configuration, runner: runner)
        let docker = DockerEngine(runner: runner, memory: settings.data + "/builder.json")
        housekeeper = Housekeeper(
            archive: store, logs: logs, git: git, docker: docker, runner: runner, configuration: configuration,
            instance: instance, logger: logger)
        let pipeline = Pipeline(
            queue: store, journal: store, releases: store, logs: logs, git: git, docker: docker, runner: runner,
            platforms: KnownPlatforms.platforms, data: settings.data, instance: instance,
            shortage: housekeeper.shortage, logger: logger)
        worker = Worker(pipeline: pipeline, history: store, configuration: configuration, logger: logger)

        // The window, and the two doors for work: GitHub's and people's.
        guard let share = Share.folder() else { throw ServerError.noPublicFolder }
        let window = try WebApplication(
            configuration: configuration, history: store, journal: store, logs: logs, feed: feed,
            sessions: try await SessionRecords(data: settings.data, store: store), folder: share + "/Public",
            version: Slipway.version, unready: store.refusal, logger: logger, strangers: strangers)
        let hook = GitHubHook(configuration: configuration, deliveries: store, logger: logger, strangers: strangers)
        let requests = DeployRequests(
            configuration: configuration, deliveries: store, history: store, control: worker, queue: store, refs: git,
            logs: logs, feed: feed, authorize: window.access.authorize, logger: logger)
        catchUp = CatchUp(
            configuration: configuration, deliveries: store, store: store, reader: git,
            userAgent: "slipway/\(Slipway.version)", logger: logger)
        var router = Router()
        window.addRoutes(to: &router)
        hook.addRoutes(to: &router)
        requests.addRoutes(to: &router)

        let certificates = settings.certificates.map { (certificate: $0.certificate, key: $0.key) }
        tls = certificates.isEmpty ? nil : try TLSServerContext(certificates: certificates)
        let socket = try PassedSocket.take() ?? ListeningSocket(host: settings.host, port: settings.port)
        http = try HTTPServer(
            on: socket, tls: tls, limits: try HTTPLimits.named(settings.limits), spool: settings.data,
            proxies: { [configuration] in configuration.value.server.trustedProxies }, router: router)
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        address = "\(tls == nil ? "http" : "https")://\(host):\(http.port)"
    }

    /// Call after the configuration has changed: there may be more slots for what waits, pages show other apps, and a
    /// stream may be one that its reader may not see any more.
    func reconfigured() {
        store.signalWork()
        feed.publish(.reset)
    }

    /// Takes work and does it until the task is cancelled; then running jobs have their drain time, during which the
    /// window still answers, and at last requests under way are finished; those that follow end with the feed.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let http = Task { try await self.http.run() }
            group.addTask { [worker, feed] in
                await worker.run()
                feed.finish()
                http.cancel()
            }
            let housekeeping = Task { await housekeeper.run() }
            defer { housekeeping.cancel() }
            group.addTask { try await http.value }
            // It sees what came in until now, and what comes from now on is answered already.
            group.addTask { [catchUp] in await catchUp.run() }
            defer { group.cancelAll() }
            for try await _ in group {}
        }
        try await store.close()
    }
}

enum ServerError: Error, CustomStringConvertible {
    case noPublicFolder

    var description: String {
        "the dashboard's files (Public/) are not found: start slipway in its source folder, or set SLIPWAY_SHARE to the "
            + "folder that holds Public/"
    }
}

import SlipwayBase
import SlipwayHTTP

/// All apps and what is going on with them: the state behind the API, and the work that follows from a request.
///
/// A request changes the state and leaves; what takes longer is a job of its own, which reports back here.
actor Platform {
    typealias Job = @Sendable () async -> Void

    let settings: SandboxSettings
    let docker: Docker
    let images: ImageRegistry
    /// For requests to dynos.
    let webClient: HTTPClient
    let behaviour: Current<Behaviour>
    /// `host:port` of the rendezvous and of the API; known once both listen.
    let endpoints: Current<Endpoints>
    let accountID = makeIdentifier()
    private let jobs: AsyncStream<Job>.Continuation

    /// By id.
    var apps: [String: SandboxApp] = [:]
    var rateLimit = RateLimit(now: .now)
    var logSessions: [String: LogSession] = [:]
    /// By secret.
    var attachments: [String: Attachment] = [:]
    /// Ids of dynos that were told to end: one that is only being started gets to know it then.
    var ending: Set<String> = []
    /// Ids of releases that stay pending for ever.
    var stuck: Set<String> = []

    struct Endpoints: Sendable {
        var apiPort = 0
        var rendezvousPort = 0
    }

    init(
        settings: SandboxSettings, docker: Docker, images: ImageRegistry, webClient: HTTPClient,
        behaviour: Current<Behaviour>,
        endpoints: Current<Endpoints>, jobs: AsyncStream<Job>.Continuation
    ) {
        self.settings = settings
        self.docker = docker
        self.images = images
        self.webClient = webClient
        self.behaviour = behaviour
        self.endpoints = endpoints
        self.jobs = jobs
    }

    /// Work that outlives the request; it ends with the sandbox.
    nonisolated func start(_ job: @escaping Job) {
        jobs.yield(job)
    }

    /// Waits as long as the behaviour says, even if that is changed meanwhile.
    /// - Throws: `CancellationError`.
    nonisolated func pause(_ time: any KeyPath<Behaviour, Duration> & Sendable) async throws {
        let began = ContinuousClock.now
        while true {
            let left = behaviour.value[keyPath: time] - (.now - began)
            guard left > .zero else { return }
            try await Task.sleep(for: min(left, .milliseconds(50)))
        }
    }

    nonisolated var apiURL: String { "http://\(settings.host):\(endpoints.value.apiPort)" }
    /// By which containers of this sandbox are found.
    nonisolated var label: String { "slipway.sandbox=" + settings.folder }

    var user: JSON { ["id": .string(accountID), "email": .string(settings.email)] }

    /// - Parameter identity: an app's name or id.
    /// - Throws: `APIError.notFound`.
    func app(_ identity: String) throws(APIError) -> SandboxApp {
        if let app = apps[identity] { return app }
        guard let app = apps.values.first(where: { $0.name == identity }) else { throw .notFound("app") }
        return app
    }

    /// Changes an app that exists; one that is gone stays so.
    func update<Result>(_ id: String, _ change: (inout SandboxApp) -> Result) -> Result? {
        guard var app = apps[id] else { return nil }
        let result = change(&app)
        apps[id] = app
        return result
    }

    func updateRelease(_ version: Int, of id: String, _ change: (inout SandboxRelease) -> Void) {
        _ = update(id) { app in
            guard let index = app.releases.firstIndex(where: { $0.version == version }) else { return }
            change(&app.releases[index])
            app.releases[index].updatedAt = .now()
        }
    }

    /// - Returns: false when the account has no requests left.
    func takeToken() -> Bool { rateLimit.take(now: .now) }
    var remainingTokens: Int { rateLimit.remaining(now: .now) }
    func setRemainingTokens(_ remaining: Int) { rateLimit.set(remaining, now: .now) }
}

import SlipwayBase
import SlipwayCore
import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet

/// A Heroku app that releases go to.
///
/// What it does in the world goes through the Platform API and the registry only; no Heroku program is needed. Where
/// Heroku's answers are known to mislead (docs/heroku.md, 6) the code says which trap it steps around.
struct HerokuPlatform: Platform {
    let settings: HerokuSettings
    let target: Target
    let tools: JobTools
    let api: HerokuAPI
    let client: HTTPClient
    let tls: TLSClientContext
    let clock: any Clock<Duration>
    let limits: HerokuLimits

    /// The app's name.
    var app: String { target.place.name }

    /// - Throws: when the configured CA file cannot be read.
    init(
        _ settings: HerokuSettings, _ target: Target, _ tools: JobTools, userAgent: String,
        clock: any Clock<Duration> = ContinuousClock(), limits: HerokuLimits = HerokuLimits()
    ) throws {
        self.settings = settings
        self.target = target
        self.tools = tools
        tls = try .current(ca: settings.ca)
        client = HTTPClient(tls: tls)
        self.clock = clock
        self.limits = limits
        api = HerokuAPI(
            settings, userAgent: userAgent, client: client, clock: clock, limits: limits, logger: tools.logger)
    }

    /// The module's own errors become a step's.
    func atEdge<Value: Sendable>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as HerokuError {
            // A call that a cancellation cut off must not read as Heroku's failure.
            try Task.checkCancellation()
            throw StepFailure(error.sentence)
        }
    }

    /// What the app's log remembers; nil when it cannot be read, which is never a reason to fail.
    func pastLog(_ api: HerokuAPI, _ log: StepLog) async throws -> [LogLine]? {
        do {
            let url = try await api.logSession(LogSessionRequest(lines: 1500, tail: false), of: app)
            await log.hide(Secret(url))
            return try await LogFeed(url: url, client: client, userAgent: api.userAgent)
                .lines(deadline: limits.answerTime)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return nil
        }
    }

    /// Records an effect before it is made and again with its outcome. One whose outcome is unknown stays open, which
    /// is what a restart asks about.
    /// - Parameters:
    ///   - change: makes it. Where it fails in a way that surely changed nothing, that is its outcome.
    ///   - look: learns what came of it, for which Heroku may have to be asked.
    func recorded<Intent, Outcome, Answer, Value: Sendable>(
        _ effect: (Intent, Effect.Progress<Outcome>) -> Effect, _ intent: Intent, in context: StepContext,
        _ change: () async throws -> Answer,
        look: (Answer) async throws -> (value: Value, progress: Effect.Progress<Outcome>)
    ) async throws -> Value {
        let id = try await context.journal.begin(effect(intent, .begun), of: context.job.id, step: context.step)
        let answer: Answer
        do {
            answer = try await change()
        } catch let error as HerokuError where error.hadNoEffect {
            let reason = await context.log.redacted(error.cause)
            try await context.journal.end(id, as: effect(intent, .notDone(reason: reason)))
            throw error
        }
        let (value, progress) = try await look(answer)
        try await context.journal.end(id, as: effect(intent, progress))
        return value
    }
}

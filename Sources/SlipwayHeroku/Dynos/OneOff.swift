import SlipwayBase
import SlipwayCore
import SlipwayDeploy

/// One command in a one-off dyno.
///
/// It must not run twice, and Heroku has no way to ask for that. A second dyno is started only where it is certain
/// that the first has not run the command: an attached dyno awaits its client before it starts anything, and exits
/// (R13) when none comes in about 30 s. So as long as the secret of the rendezvous was not sent, nothing has run; from
/// its first byte on it may have, and an end without an exit code is "unknown", never a reason to try again.
struct OneOff: Sendable {
    let platform: HerokuPlatform
    let api: HerokuAPI
    let migration: Migration
    let context: StepContext
    let marker: ExitMarker
    private let type: String?
    private let size: String?

    init(
        platform: HerokuPlatform, migration: Migration, type: String?, size: String?,
        context: StepContext, marker: ExitMarker = .random()
    ) {
        self.platform = platform
        self.migration = migration
        self.type = type
        self.size = size
        self.context = context
        api = platform.api.reporting(to: context.log)
        self.marker = marker
    }

    var app: String { platform.app }

    /// How it ended.
    enum End: Sendable {
        case exited(Int, dyno: String)
        /// It may have run, in part or whole.
        case unknown(String, dyno: String)
        /// It has certainly not run.
        case neverAttached(String)

        /// As the journal keeps it.
        var progress: Effect.Progress<OneOffEnd> {
            switch self {
            case .exited(let code, let dyno): .done(.exited(code: code, instance: dyno))
            case .unknown(let reason, let dyno): .done(.unknown(reason: reason, instance: dyno))
            case .neverAttached(let reason): .notDone(reason: reason)
            }
        }
    }

    func run() async throws -> End {
        let end = try await recorded(.attached) { try await attached() }
        guard case .neverAttached(let reason) = end else { return end }
        await context.log.line(
            "no way to attach to the dyno (\(reason)); nothing has run yet, starting it detached and reading its log")
        return try await recorded(.detached) { try await detached() }
    }

    func request(attach: Bool) -> OneOffRequest {
        let seconds = migration.timeout.components.seconds + 120
        return OneOffRequest(
            command: marker.wrap(migration.command), attach: attach, type: type, size: size,
            time_to_live: Int(min(seconds, 86_400)), force_no_tty: attach ? true : nil)
    }

    private func recorded(_ way: OneOffRun.Way, _ run: () async throws -> End) async throws -> End {
        // Before it is cut: of a secret that the cut goes through nobody would find the half.
        let command = await context.log.redacted(migration.command).singleLine(limit: 200)
        let intent = OneOffRun(place: platform.target.place, marker: marker.nonce, way: way, command: command)
        return try await platform.recorded(Effect.runOneOff, intent, in: context) {
            try await run()
        } look: { end in
            (end, end.progress)
        }
    }

    /// What a restart needs for learning how it ended; of an attached dyno also that from here on the command may run.
    func follows(_ dyno: String) async throws {
        let follow = OneOffFollow(marker: marker.nonce, instance: dyno)
        _ = try await context.journal.begin(
            .followOneOff(follow, .done(Nothing())), of: context.job.id, step: context.step)
    }

    /// Runs `work` at most as long as the migration may take; a dyno whose time is over is stopped. One is not whose job
    /// is cancelled, which happens here only because the server stops: the next one learns how it ended.
    func limited(_ dyno: String, _ work: @escaping @Sendable () async throws -> End) async throws -> End {
        if let end = try await withTimeLimit(migration.timeout, on: platform.clock, work) { return end }
        let stopped = await stop(dyno)
        throw StepFailure(
            "the migration ran longer than \(migration.timeout.inWords), "
                + (stopped
                    ? "so its dyno \(dyno) was stopped"
                    : "and its dyno \(dyno) could not be stopped: run `heroku ps:stop \(dyno) -a \(app)`")
                + "; it may be half done: look at the database before you deploy again, or raise migrate.timeout")
    }

    /// In a task of its own, since a cancelled one sends nothing any more; once, since someone waits for the end.
    @discardableResult
    func stop(_ dyno: String) async -> Bool {
        let api = api
        let app = app
        return await Task {
            do {
                try await api.stopDyno(dyno, of: app, tries: 1)
                return true
            } catch {
                return false
            }
        }.value
    }

    /// The dyno that a request without an answer may have started: the nonce is part of its command.
    func find() async throws -> DynoResource? {
        try await api.dynos(app).first { $0.command?.contains(marker.nonce) == true }
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSamples
import TestSupport

@testable import SlipwayDeploy

/// One schedule of pushes, cancels, ends of steps and looks of the worker, in virtual time: over the real store, the
/// real rules and the real `JobProgress`, with git, Docker and Heroku left out.
///
/// What the worker and a job's checkout do in several goes are several events here, so that others come in between.
final class Schedule {
    enum Event {
        case deliver([Plan])
        case pushed(String, back: Bool)
        case tagged
        case asked
        case cancelled
        /// The worker's look into the queue, and then what it does about what it has seen.
        case look
        case supersede([Supersession])
        case stepEnds(JobID)
        /// A checkout has seen the tip.
        case fetched(JobID, CommitID?, joins: Int)
        case recorded(JobID)
        /// The work of a job that was told to stop has ended.
        case stopped(JobID)
    }

    struct Running {
        var job: Job
        let progress = JobProgress()
        var steps: ArraySlice<Step.Name>
        var entered: [Step.Name] = []
        var commit: CommitID?
    }

    let store: SQLiteStore
    var world: World
    var generator: SeededGenerator
    /// Whether nobody cancels and nothing fails: then what was pushed last must be live in the end.
    let isCalm: Bool
    /// Whether what seldom meets by chance is made to meet.
    var isUnlucky = true
    let duration: @Sendable (Step.Name, inout SeededGenerator) -> Int
    var running: [JobID: Running] = [:]
    /// How many running jobs in a row gave way before a job.
    var streaks: [JobID: Int] = [:]
    var longestStreak = 0
    var claims = 0
    /// By ref and target, in the order in which they succeeded.
    var successes: [String: [Job]] = [:]
    /// The job that the last push to a branch was told, by branch and target.
    var promised: [String: JobID] = [:]
    /// The promises that did not hold.
    var broken: [String] = []
    /// Virtual milliseconds.
    private(set) var now = 0
    private var agenda: [(time: Int, event: Event)] = []
    private var willLook = false
    private var isLooking = false

    init(
        _ store: SQLiteStore, app: String, seed: UInt64, isCalm: Bool,
        duration: @escaping @Sendable (Step.Name, inout SeededGenerator) -> Int = {
            Int.random(in: 100...20_000, using: &$1)
        }
    ) {
        self.store = store
        world = World(app: app)
        generator = SeededGenerator(seed: seed)
        self.isCalm = isCalm
        self.duration = duration
    }

    func plan(_ event: Event, in milliseconds: Int) {
        let time = now + milliseconds
        agenda.insert((time, event), at: agenda.firstIndex { $0.time > time } ?? agenda.endIndex)
    }

    func plan(_ event: Event, within milliseconds: Int) {
        plan(event, in: Int.random(in: 0...milliseconds, using: &generator))
    }

    func run() async throws {
        while !agenda.isEmpty {
            let (time, event) = agenda.removeFirst()
            now = time
            try await happen(event)
        }
    }

    private func happen(_ event: Event) async throws {
        switch event {
        case .pushed(let branch, let back): push(branch, back: back)
        case .tagged:
            guard let commit = world.anyCommit(of: "trunk", using: &generator) else { return }
            plan(.deliver([world.plan("shared", .tag, "refs/tags/v\(now)", commit)]), within: 3000)
        case .asked:
            guard let commit = world.anyCommit(of: "trunk", using: &generator) else { return }
            plan(.deliver([world.plan("shared", .deploy, "refs/heads/trunk", commit)]), within: 3000)
        case .deliver(let plans): try await deliver(plans)
        case .cancelled: try await cancelAny()
        case .look: try await look()
        case .supersede(let found): try await supersede(found)
        case .stepEnds(let id): try await stepEnds(id)
        case .fetched(let id, let tip, let joins): try await fetched(id, tip, joins)
        case .recorded(let id): try await end(id, as: .succeeded)
        case .stopped(let id): try await stopped(id)
        }
    }

    private func push(_ branch: String, back: Bool) {
        if back { world.pushBack(branch, using: &generator) } else { world.push(branch) }
        guard world.tips[branch] != nil else { return }
        // Late, doubled and in another order than they were sent.
        for _ in 0...(generator.chance(15) ? 1 : 0) { plan(.deliver(world.plans(branch)), within: 2000) }
    }

    private func deliver(_ plans: [Plan]) async throws {
        switch try await store.record(.sample(), .plans(plans), repository: nil) {
        case .queued(let jobs), .joined(let jobs):
            for (plan, job) in zip(plans, jobs) {
                if case .superseded = running[job.id]?.progress.stop {
                    demand(false, "job \(job.id) was joined while it gave way")
                }
                if plan.commit.id == world.tip(of: plan.trigger.ref) { promised[Self.key(plan)] = job.id }
            }
        default: demand(false, "a delivery made no job")
        }
        wake()
    }

    func demand(_ holds: Bool, _ promise: @autoclosure () -> String) {
        if !holds { broken.append(promise()) }
    }

    static func key(_ plan: Plan) -> String { "\(plan.trigger.ref) \(plan.target ?? "")" }

    // MARK: The worker

    /// As the store's signal does, once for all that happens before the worker looks.
    private func wake() {
        guard !willLook else { return }
        willLook = true
        plan(.look, within: 20)
    }

    private func look() async throws {
        willLook = false
        // The worker is one: it looks again when it is done with what it saw.
        guard !isLooking else { return wake() }
        while let job = try await store.claim(slots: 8, steps: { Self.steps($0) }) {
            claims += 1
            let others = running.values.filter { $0.job.plan.target == job.plan.target }.map(\.job.id)
            demand(job.plan.target == nil || others.isEmpty, "jobs \(others) and \(job.id) run at one target")
            running[job.id] = Running(job: job, steps: Self.steps(job.plan)[...], commit: job.plan.commit.id)
            try await goOn(job.id)
        }
        let early = running.filter { $0.value.progress.isSupersedable }.map(\.key)
        let found = early.isEmpty ? [] : try await store.supersessions(of: early)
        guard !found.isEmpty else { return }
        isLooking = true
        plan(.supersede(found), within: 500)
    }

    private func supersede(_ found: [Supersession]) async throws {
        isLooking = false
        for supersession in found {
            guard let job = running[supersession.job] else { continue }
            guard job.progress.supersede(by: supersession.successor) else {
                try await store.letThrough(supersession.job)
                continue
            }
            demand(job.job.followsBranch, "job \(job.job.id) was superseded")
            demand(streaks[job.job.id, default: 0] < Superseding.mostInARow, "job \(job.job.id) was not let through")
            plan(.stopped(job.job.id), within: 2000)
            troubleComesAtOnce(job.job)
        }
    }

    /// While a job gives way, its successor is cancelled and its branch moved back.
    private func troubleComesAtOnce(_ job: Job) {
        guard isUnlucky, !isCalm, generator.chance(25) else { return }
        plan(.cancelled, within: 1000)
        plan(.pushed(World.branch(job.plan.trigger.ref), back: true), within: 1000)
    }

    private func cancelAny() async throws {
        let jobs = try await store.jobs(JobFilter(app: world.app, states: [.queued, .running]))
        guard let job = jobs.randomElement(using: &generator) else { return }
        if let running = running[job.id] {
            if running.progress.cancel(by: "ada") == nil { plan(.stopped(job.id), within: 2000) }
        } else if try await store.cancelQueued(job.id, reason: "cancelled by ada") {
            wake()
        }
    }

    private static func steps(_ plan: Plan) -> [Step.Name] {
        plan.target == nil ? [.checkout, .test] : [.checkout, .test, .build, .push, .migrate, .release, .verify]
    }

    // MARK: A job

    /// Enters the next step, as `JobRun` does.
    private func goOn(_ id: JobID) async throws {
        guard var job = running[id], let step = job.steps.popFirst() else { return }
        // Told to stop: `stopped` will come.
        guard (try? job.progress.enter(step)) != nil else { return }
        job.entered.append(step)
        running[id] = job
        if step == .migrate || step == .release {
            try await store.update(Step(name: step, state: .running, startedAt: .now()), of: id)
        }
        plan(.stepEnds(id), in: duration(step, &generator))
    }

    private func stepEnds(_ id: JobID) async throws {
        guard let job = running[id], let step = job.entered.last else { return }
        if !isCalm, generator.chance(3), job.progress.stop == nil { return try await end(id, as: .failed) }
        if step == .checkout { return look(id, joins: 0) }
        guard job.steps.isEmpty else { return try await goOn(id) }
        guard let target = job.job.plan.target, let commit = job.commit else {
            return try await end(id, as: .succeeded)
        }
        try await store.record(
            .sample(world.app, target, job: id, commit: commit, image: "sha256:\(commit)"))
        plan(.recorded(id), within: 20)
    }

    /// Asks git what the job is to deploy.
    private func look(_ id: JobID, joins: Int) {
        guard let job = running[id]?.job else { return }
        guard job.followsBranch else { return plan(.fetched(id, job.plan.commit.id, joins: joins), within: 300) }
        // The branch moves just before, and back just after.
        let isUnlucky = isUnlucky && joins == 0 && generator.chance(10)
        let branch = World.branch(job.plan.trigger.ref)
        if isUnlucky { push(branch, back: false) }
        plan(.fetched(id, world.tip(of: job.plan.trigger.ref), joins: joins), within: isUnlucky ? 2000 : 300)
        if isUnlucky { plan(.pushed(branch, back: true), within: 500) }
    }

    /// As `JobRun` does, also for a job that was told to stop and has not ended.
    private func fetched(_ id: JobID, _ commit: CommitID?, _ joins: Int) async throws {
        guard let job = running[id]?.job, let commit else { return }
        if job.followsBranch, let now = try await store.follow(id, to: Commit(id: commit), joins: joins) {
            return look(id, joins: now)
        }
        running[id]?.commit = commit
        let verdict = try await Order.judge(commit, of: job, at: job.plan.target, store) {
            world.isAncestor($0, of: $1)
        }
        if case .overtaken(let live, let reason) = verdict {
            try await store.finish(id, overtakenBy: live, reason: reason)
            return ended(id)
        }
        try await goOn(id)
    }

    private func stopped(_ id: JobID) async throws {
        guard let job = running[id] else { return }
        demand(!job.entered.contains { $0 == .migrate || $0 == .release }, "job \(id) was stopped in \(job.entered)")
        guard case .superseded = job.progress.stop else { return try await end(id, as: .cancelled) }
        try await store.giveWay(id)
        if let successor = try await store.job(id)?.successor {
            streaks[successor] = max(streaks[successor, default: 0], streaks[id, default: 0] + 1)
            longestStreak = max(longestStreak, streaks[successor, default: 0])
        } else {
            demand(false, "job \(id) gave way to nobody")
        }
        ended(id)
    }

    private func end(_ id: JobID, as state: Job.State) async throws {
        try await store.finish(id, as: state, reason: "simulated")
        if state == .succeeded, var job = running[id]?.job {
            job.plan.commit.id = running[id]?.commit
            successes[Self.key(job.plan), default: []].append(job)
        }
        ended(id)
    }

    private func ended(_ id: JobID) {
        running[id] = nil
        wake()
    }
}

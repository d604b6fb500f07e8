import SlipwayBase
import SlipwayCore

/// The store's ports over arrays, for jobs that must not wait for a disk.
actor MemoryStore: JobQueue, Journal, ReleaseStore, History {
    private(set) var jobs: [JobID: Job] = [:]
    private(set) var effects: [JournalEntry] = []
    private var jobsOfEffects: [JobID] = []
    private(set) var releases: [Release] = []
    private(set) var failures: [String] = []
    private(set) var migrations: [(place: String, migrated: Migrated, job: JobID)] = []
    private var held = Holds()
    /// Targets at which a job has failed that had begun a release.
    private var doubted: Set<String> = []
    private var images: [String: String] = [:]
    /// So many ends of jobs cannot be written.
    private var lostEnds = 0
    /// The reasons of cancels that were written down before they were answered.
    private(set) var notedCancels: [JobID: String] = [:]
    private(set) var leftJobs: [JobID] = []
    private(set) var forgottenTips: [JobID] = []
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var stepWaiters:
        [(job: JobID, check: @Sendable (Job) -> Bool, continuation: CheckedContinuation<Void, Never>)] =
            []
    private var hasNews = true

    func enqueue(_ plan: Plan) -> Job {
        let job = Job(id: JobID(jobs.count + 1), plan: plan, state: .queued, createdAt: .now())
        jobs[job.id] = job
        signal()
        return job
    }

    /// Until a job is as the test wants it.
    func wait(for job: JobID, _ check: @Sendable @escaping (Job) -> Bool) async {
        if let known = jobs[job], check(known) { return }
        await withCheckedContinuation { stepWaiters.append((job, check, $0)) }
    }

    func ended(_ job: JobID) async -> Job {
        await wait(for: job) { $0.state.hasEnded }
        return jobs[job] ?? Job(id: job, plan: Samples.plan, state: .failed, createdAt: .now())
    }

    // MARK: JobQueue

    func claim(slots: Int, steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> Job? {
        guard jobs.values.filter({ $0.state == .running }).count < slots else { return nil }
        let busy = jobs.values.filter { $0.state == .running }.compactMap(\.plan.target)
        let ready = jobs.values.filter { job in
            let plan = job.plan
            return job.state == .queued && !busy.contains(plan.target ?? "")
                && held.reason(app: plan.app, target: plan.target, priority: Priority(plan)) == nil
        }
        guard var job = ready.min(by: { $0.id < $1.id }) else { return nil }
        job.state = .running
        job.steps = steps(job.plan).map { Step(name: $0) }
        change(job)
        return job
    }

    func explain(_ job: JobID, _ reason: String?) async throws {
        guard var known = jobs[job] else { return }
        known.reason = reason
        change(known)
    }

    func resolve(_ job: JobID, to commit: Commit) async throws {
        guard var known = jobs[job] else { return }
        known.plan.commit = commit
        change(known)
    }

    func update(_ step: Step, of job: JobID) async throws {
        // As a database would: a write in a cancelled task is lost.
        try Task.checkCancellation()
        guard var known = jobs[job], let index = known.steps.firstIndex(where: { $0.name == step.name }) else { return }
        known.steps[index] = step
        change(known)
    }

    func finish(_ job: JobID, as state: Job.State, reason: String?) async throws {
        try Task.checkCancellation()
        guard lostEnds == 0 else {
            lostEnds -= 1
            throw FullDisk()
        }
        guard var known = jobs[job] else { return }
        known.state = state
        known.reason = reason
        if let target = known.plan.target, known.plan.trigger.kind == .rollback, state == .succeeded {
            held[known.plan.app, target].pause = Pause(by: "someone", since: .now(), rollback: job)
        }
        for index in known.steps.indices where known.steps[index].state == .waiting {
            known.steps[index].state = state == .cancelled || state == .superseded ? .cancelled : .skipped
        }
        if state == .failed, known.steps.contains(where: { $0.name == .release && $0.startedAt != nil }) {
            doubted.insert(known.plan.target ?? "")
        }
        change(known)
        signal()
    }

    func finish(_ job: JobID, overtakenBy live: JobID, reason: String) async throws {
        jobs[job]?.successor = live
        try await finish(job, as: .superseded, reason: reason)
    }

    func follow(_ job: JobID, to tip: Commit, joins: Int) async throws -> Int? {
        try await resolve(job, to: tip)
        return nil
    }

    func supersessions(of ids: [JobID]) async throws -> [Supersession] {
        ids.compactMap { id in
            guard let job = jobs[id], job.state == .running, job.followsBranch else { return nil }
            let newer = jobs.values.filter {
                $0.id > id && !$0.state.hasEnded && $0.followsBranch && $0.plan.target == job.plan.target
                    && $0.plan.trigger.ref == job.plan.trigger.ref
            }
            return newer.map(\.id).max().map { Supersession(job: id, successor: $0) }
        }
    }

    func giveWay(_ job: JobID) async throws {
        guard let newer = try await supersessions(of: [job]).first?.successor else { return }
        jobs[job]?.successor = newer
        try await finish(job, as: .superseded, reason: "job \(newer) is newer")
    }

    func letThrough(_ job: JobID) async throws {}

    func cancelQueued(_ job: JobID, reason: String) async throws -> Bool {
        guard var known = jobs[job], known.state == .queued else { return false }
        known.state = .cancelled
        known.reason = reason
        change(known)
        return true
    }

    func lock(app: String, target: String) async throws -> TargetLock? { held[app, target].lock }

    func setLock(_ lock: TargetLock?, app: String, target: String) { held[app, target].lock = lock }

    func noteCancel(of job: JobID, reason: String) async throws { notedCancels[job] = reason }

    func leave(_ job: JobID) async throws { leftJobs.append(job) }

    func forgetTip(of job: JobID) async throws { forgottenTips.append(job) }

    func recover(steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> [Job] {
        jobs.values.filter { $0.state == .running }
    }

    func loseEnds(_ count: Int) { lostEnds = count }

    /// As a server leaves it that is killed.
    func leave(_ job: Job, _ effects: [JournalEntry] = []) {
        jobs[job.id] = job
        for effect in effects {
            var effect = effect
            effect.id = EffectID(self.effects.count + 1)
            self.effects.append(effect)
            jobsOfEffects.append(job.id)
        }
    }

    func waitForWork() async {
        guard !hasNews else {
            hasNews = false
            return
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { continuation.resume() } else { waiters.append(continuation) }
            }
        } onCancel: {
            Task { await self.signal() }
        }
    }

    private func signal() {
        hasNews = waiters.isEmpty
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    private func change(_ job: Job) {
        jobs[job.id] = job
        let ready = stepWaiters.filter { $0.job == job.id && $0.check(job) }
        stepWaiters.removeAll { $0.job == job.id && $0.check(job) }
        for waiter in ready { waiter.continuation.resume() }
    }

    // MARK: Journal

    func begin(_ effect: Effect, of job: JobID, step: Step.Name) async throws -> EffectID {
        try Task.checkCancellation()
        let id = EffectID(effects.count + 1)
        effects.append(JournalEntry(id: id, step: step, effect: effect, begunAt: .now()))
        jobsOfEffects.append(job)
        return id
    }

    func end(_ id: EffectID, as effect: Effect) async throws {
        try Task.checkCancellation()
        effects[Int(id) - 1].effect = effect
    }

    func entries(of job: JobID) async throws -> [JournalEntry] {
        zip(effects, jobsOfEffects).filter { $0.1 == job }.map(\.0)
    }

    // MARK: ReleaseStore

    func image(app: String, commit: CommitID, recipe: String) async throws -> String? {
        images["\(app) \(commit) \(recipe)"]
    }

    func record(image: String, app: String, commit: CommitID, recipe: String, job: JobID) async throws {
        images["\(app) \(commit) \(recipe)"] = image
    }

    func record(_ release: Release) async throws {
        releases.append(release)
        doubted.remove(release.target)
    }

    func bringer(of commit: CommitID, app: String, target: String) async throws -> JobID? {
        guard !doubted.contains(target), let live = try await live(app: app, target: target) else { return nil }
        return live.commit == commit ? live.job : nil
    }

    func live(app: String, target: String) async throws -> Release? {
        releases.last { $0.app == app && $0.target == target }
    }

    func previousRelease(app: String, target: String) async throws -> Release? {
        let live = try await live(app: app, target: target)
        return releases.last { $0.app == app && $0.target == target && $0.image != live?.image }
    }

    func release(by job: JobID, app: String, target: String) async throws -> Release? {
        releases.last { $0.job == job && $0.app == app && $0.target == target }
    }

    func ref(of job: JobID) async throws -> String? { jobs[job]?.plan.trigger.ref }

    func failedReleases(of image: String, app: String, target: String) async throws -> Int {
        failures.filter { $0 == image }.count
    }

    func recordFailedRelease(of image: String, app: String, target: String, job: JobID) async throws {
        failures.append(image)
    }

    func isMigrated(_ migrated: Migrated, app: String, target: String, before job: JobID) async throws -> Bool {
        guard let last = migrations.last(where: { $0.place == "\(app) \(target)" && $0.job != job })?.migrated else {
            return false
        }
        return last.image == migrated.image || (last.commit == migrated.commit && last.command == migrated.command)
    }

    func record(_ migrated: Migrated, app: String, target: String, job: JobID) async throws {
        migrations.append(("\(app) \(target)", migrated, job))
    }

    // MARK: History

    func job(_ id: JobID) async throws -> Job? { jobs[id] }
    func jobs(numbered ids: [JobID]) async throws -> [Job] { ids.compactMap { jobs[$0] } }
    func jobs(_ filter: JobFilter) async throws -> [Job] { Array(jobs.values) }
    func jobCounts() async throws -> [Job.State: Int] { [:] }
    nonisolated var revision: UInt64 { 0 }
    func queue() async throws -> QueueSummary { QueueSummary(running: [], queued: [], queuedCount: 0) }
    func holds() async throws -> Holds { held }
    func latestJob(app: String, target: String) async throws -> JobID? { nil }
}

private struct FullDisk: Error, CustomStringConvertible {
    var description: String { "the disk is full" }
}

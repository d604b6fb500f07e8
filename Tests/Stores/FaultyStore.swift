package import SlipwayCore
import Synchronization

/// A store in front of another one, whose writes fail when a test says so, and which tells what it was asked to write.
///
/// It is as strict as a store may be: what a cancelled task writes is lost, as it is where the database is at the other end
/// of a connection.
package final class FaultyStore: Sendable {
    package typealias Ports = JobQueue & Journal & ReleaseStore & History & DeliveryStore & TargetHolds

    /// Writes by what they are for.
    package enum Write: Sendable, Hashable {
        case jobEnd, step, effect, release, job
    }

    /// Of the writes that no port shows, those that came through.
    package enum Note: Sendable, Equatable {
        case cancel(JobID, reason: String)
        case left(JobID)
        case tipForgotten(JobID)
    }

    private struct State {
        var failures: [Write: Int] = [:]
        var notes: [Note] = []
    }

    private let store: any Ports
    private let state = Mutex(State())

    package init(_ store: any Ports) {
        self.store = store
    }

    /// So many of the next writes of a kind fail, and nothing of them is stored.
    package func fail(_ write: Write, times: Int) {
        state.withLock { $0.failures[write] = times }
    }

    package var notes: [Note] { state.withLock { $0.notes } }

    private func write<Value>(_ kind: Write, _ note: Note? = nil, _ body: () async throws -> Value) async throws
        -> Value
    {
        try Task.checkCancellation()
        try state.withLock { state in
            guard let count = state.failures[kind], count > 0 else { return }
            state.failures[kind] = count - 1
            throw FullDisk()
        }
        let value = try await body()
        if let note { state.withLock { $0.notes.append(note) } }
        return value
    }

    private struct FullDisk: Error, CustomStringConvertible {
        var description: String { "the disk is full" }
    }
}

extension FaultyStore: JobQueue {
    package func claim(slots: Int, steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> Job? {
        try await write(.job) { try await store.claim(slots: slots, steps: steps) }
    }

    package func lock(app: String, target: String) async throws -> TargetLock? {
        try await store.lock(app: app, target: target)
    }

    package func explain(_ job: JobID, _ reason: String?) async throws {
        try await write(.job) { try await store.explain(job, reason) }
    }

    package func resolve(_ job: JobID, to commit: Commit) async throws {
        try await write(.job) { try await store.resolve(job, to: commit) }
    }

    package func follow(_ job: JobID, to tip: Commit, joins: Int) async throws -> Int? {
        try await write(.job) { try await store.follow(job, to: tip, joins: joins) }
    }

    package func forgetTip(of job: JobID) async throws {
        try await write(.job, .tipForgotten(job)) { try await store.forgetTip(of: job) }
    }

    package func update(_ step: Step, of job: JobID) async throws {
        try await write(.step) { try await store.update(step, of: job) }
    }

    package func finish(_ job: JobID, as state: Job.State, reason: String?) async throws {
        try await write(.jobEnd) { try await store.finish(job, as: state, reason: reason) }
    }

    package func finish(_ job: JobID, overtakenBy live: JobID, reason: String) async throws {
        try await write(.jobEnd) { try await store.finish(job, overtakenBy: live, reason: reason) }
    }

    package func giveWay(_ job: JobID) async throws {
        try await write(.jobEnd) { try await store.giveWay(job) }
    }

    package func cancelQueued(_ job: JobID, reason: String) async throws -> Bool {
        try await write(.jobEnd) { try await store.cancelQueued(job, reason: reason) }
    }

    package func noteCancel(of job: JobID, reason: String) async throws {
        try await write(.job, .cancel(job, reason: reason)) { try await store.noteCancel(of: job, reason: reason) }
    }

    package func leave(_ job: JobID) async throws {
        try await write(.job, .left(job)) { try await store.leave(job) }
    }

    package func supersessions(of jobs: [JobID]) async throws -> [Supersession] {
        try await write(.job) { try await store.supersessions(of: jobs) }
    }

    package func letThrough(_ job: JobID) async throws {
        try await write(.job) { try await store.letThrough(job) }
    }

    package func recover(steps: @Sendable @escaping (Plan) -> [Step.Name]) async throws -> [Job] {
        try await write(.job) { try await store.recover(steps: steps) }
    }

    package func waitForWork() async { await store.waitForWork() }
}

extension FaultyStore: Journal {
    package func begin(_ effect: Effect, of job: JobID, step: Step.Name) async throws -> EffectID {
        try await write(.effect) { try await store.begin(effect, of: job, step: step) }
    }

    package func end(_ id: EffectID, as effect: Effect) async throws {
        try await write(.effect) { try await store.end(id, as: effect) }
    }

    package func entries(of job: JobID) async throws -> [JournalEntry] { try await store.entries(of: job) }
}

extension FaultyStore: ReleaseStore {
    package func image(app: String, commit: CommitID, recipe: String) async throws -> String? {
        try await store.image(app: app, commit: commit, recipe: recipe)
    }

    package func record(image: String, app: String, commit: CommitID, recipe: String, job: JobID) async throws {
        try await write(.release) {
            try await store.record(image: image, app: app, commit: commit, recipe: recipe, job: job)
        }
    }

    package func record(_ release: Release) async throws {
        try await write(.release) { try await store.record(release) }
    }

    package func ref(of job: JobID) async throws -> String? { try await store.ref(of: job) }

    package func jobThatDeployed(_ commit: CommitID, app: String, target: String) async throws -> JobID? {
        try await store.jobThatDeployed(commit, app: app, target: target)
    }

    package func failedReleases(of image: String, app: String, target: String) async throws -> Int {
        try await store.failedReleases(of: image, app: app, target: target)
    }

    package func recordFailedRelease(of image: String, app: String, target: String, job: JobID) async throws {
        try await write(.release) {
            try await store.recordFailedRelease(of: image, app: app, target: target, job: job)
        }
    }

    package func isMigrated(_ migrated: Migrated, app: String, target: String, before job: JobID) async throws -> Bool {
        try await store.isMigrated(migrated, app: app, target: target, before: job)
    }

    package func record(_ migrated: Migrated, app: String, target: String, job: JobID) async throws {
        try await write(.release) { try await store.record(migrated, app: app, target: target, job: job) }
    }
}

extension FaultyStore: History {
    package var revision: UInt64 { store.revision }
    package func job(_ id: JobID) async throws -> Job? { try await store.job(id) }
    package func jobs(numbered ids: [JobID]) async throws -> [Job] { try await store.jobs(numbered: ids) }
    package func jobs(_ filter: JobFilter) async throws -> [Job] { try await store.jobs(filter) }
    package func queue() async throws -> QueueSummary { try await store.queue() }
    package func jobCounts() async throws -> [Job.State: Int] { try await store.jobCounts() }
    package func holds() async throws -> Holds { try await store.holds() }

    package func live(app: String, target: String) async throws -> Release? {
        try await store.live(app: app, target: target)
    }

    package func previousRelease(app: String, target: String) async throws -> Release? {
        try await store.previousRelease(app: app, target: target)
    }

    package func release(by job: JobID, app: String, target: String) async throws -> Release? {
        try await store.release(by: job, app: app, target: target)
    }

    package func latestJob(app: String, target: String) async throws -> JobID? {
        try await store.latestJob(app: app, target: target)
    }
}

extension FaultyStore: DeliveryStore {
    package nonisolated(nonsending) func record(
        _ delivery: Delivery, _ decision: Decision, repository: Repository?
    ) async throws -> Receipt {
        try await store.record(delivery, decision, repository: repository)
    }

    package func app(of repository: Repository.ID) async throws -> String? { try await store.app(of: repository) }
}

extension FaultyStore: TargetHolds {
    package func lock(app: String, target: String, by name: String, reason: String) async throws -> Bool {
        try await store.lock(app: app, target: target, by: name, reason: reason)
    }

    package func unlock(app: String, target: String) async throws -> Bool {
        try await store.unlock(app: app, target: target)
    }

    package func pause(app: String, target: String, by name: String) async throws -> Bool {
        try await store.pause(app: app, target: target, by: name)
    }

    package func resume(app: String, target: String) async throws -> Bool {
        try await store.resume(app: app, target: target)
    }
}

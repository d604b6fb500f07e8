import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestSamples
import TestStores

extension Bench {
    /// The real store in memory, behind one that can fail, with what tests of the worker ask of it.
    final class Store: Sendable {
        let ports: FaultyStore
        private let feed = Feed()

        init() throws {
            ports = FaultyStore(try SQLiteStore.inMemory(feed: feed))
        }

        /// Records a delivery of its own. A plan that joins another job is that job.
        func enqueue(_ plan: Plan) async throws -> Job {
            guard let job = try await ports.record(.sample(), .plans([plan]), repository: nil).jobs.first else {
                throw NoJob()
            }
            return job
        }

        func job(_ id: JobID) async throws -> Job {
            guard let job = try await ports.job(id) else { throw NoJob() }
            return job
        }

        /// Until a job is as the test wants it.
        @discardableResult
        func wait(for id: JobID, _ check: (Job) -> Bool) async throws -> Job {
            while true {
                // Before the look, so that no change between the two is missed.
                let changes = feed.changes()
                var job = try await job(id)
                if check(job) { return job }
                for await _ in changes {
                    job = try await self.job(id)
                    if check(job) { return job }
                }
                try Task.checkCancellation()
            }
        }

        func ended(_ id: JobID) async throws -> Job { try await wait(for: id) { $0.state.hasEnded } }

        /// Of every job, in the order in which they were begun.
        func effects() async throws -> [JournalEntry] {
            var effects: [JournalEntry] = []
            for job in try await jobs() { effects += try await ports.entries(of: job.id) }
            return effects.sorted { $0.id < $1.id }
        }

        /// What each job has released, the first job's first.
        func releases() async throws -> [Release] {
            var releases: [Release] = []
            for job in try await jobs() {
                guard let target = job.plan.target else { continue }
                releases += try await ports.release(by: job.id, app: job.plan.app, target: target).map { [$0] } ?? []
            }
            return releases
        }

        private func jobs() async throws -> [Job] { try await ports.jobs(JobFilter(limit: 1000)).reversed() }

        private struct NoJob: Error {}
    }
}

package import SlipwayCore
import TestSamples

/// What a store must be: all the ports that the server and its worker ask for, and what the checks need beside them.
package protocol Store:
    Archive, DeliveryCursor, DeliveryStore, EndedSessions, History, JobQueue, Journal, QueuePause, ReleaseStore,
    TargetHolds, TipStore
{
    /// A recorded body; nil: there is no such delivery.
    func body(delivery guid: String) async throws -> [UInt8]?
    func close() async throws
}

extension Store {
    /// Records a delivery of its own with these plans.
    @discardableResult
    package func ask(_ plans: Plan...) async throws -> Receipt {
        try await record(.sample(), .plans(plans), repository: nil)
    }

    /// The one new job of such a delivery.
    package func queueJob(_ plan: Plan) async throws -> Job {
        guard case .queued(let jobs) = try await ask(plan), let job = jobs.first else {
            throw Unexpected(what: "the plan joined another job")
        }
        return job
    }

    package func claimJob(slots: Int = 8, steps: [Step.Name] = [.checkout, .build, .release]) async throws -> Job? {
        try await claim(slots: slots) { _ in steps }
    }

    package func recoverJobs(steps: [Step.Name] = [.checkout, .build, .release]) async throws -> [Job] {
        try await recover { _ in steps }
    }

    package func state(_ job: JobID) async throws -> Job.State? { try await self.job(job)?.state }
}

package struct Unexpected: Error {
    package var what: String

    package init(what: String) {
        self.what = what
    }
}

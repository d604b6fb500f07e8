import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayStore
import TestLogs
import Testing

/// A data folder of one test's own, removed with the value.
final class Bench: Sendable {
    let folder: String
    let feed = Feed()
    let log = LogRecorder()

    init() {
        folder = FileManager.default.temporaryDirectory.appending(path: "slipway-store-\(UUID().uuidString)").path
    }

    deinit {
        // A store that closes at this moment removes files too, and the one that comes second fails.
        for _ in 1...100 where FileManager.default.fileExists(atPath: folder) {
            try? FileManager.default.removeItem(atPath: folder)
        }
    }

    func open() async throws -> SQLiteStore {
        try await SQLiteStore.open(at: folder, feed: feed, logger: log.logger)
    }

    func file(_ name: String) -> URL { URL(filePath: folder).appending(path: name) }
}

/// Commit `n`: its hexadecimal digits, padded with zeros.
func commit(_ number: Int) throws -> CommitID {
    let digits = String(number, radix: 16)
    return try #require(CommitID(String(repeating: "0", count: 40 - digits.count) + digits))
}

func plan(
    _ app: String = "shop", _ target: String? = "production", _ kind: Trigger.Kind = .push,
    ref: String = "refs/heads/main", commit number: Int? = 1, fresh: Bool = false, guid: String = "guid"
) throws -> Plan {
    Plan(
        app: app, target: target, trigger: Trigger(kind: kind, ref: ref, delivery: guid, by: "ana"),
        commit: Commit(id: try number.map(commit), message: "Sell more\n\nMuch more.", author: "Ana"), fresh: fresh)
}

func delivery(_ guid: String = UUID().uuidString, body: String = "{}") -> Delivery {
    Delivery(
        guid: guid, source: .github, event: "push", headers: [("X-GitHub-Event", "push")], body: Array(body.utf8))
}

extension SQLiteStore {
    /// Records a delivery of its own with these plans.
    @discardableResult
    func ask(_ plans: Plan...) async throws -> Receipt {
        try await record(delivery(), .plans(plans), repository: nil)
    }

    /// The one new job of such a delivery.
    func queueJob(_ plan: Plan) async throws -> Job {
        guard case .queued(let jobs) = try await ask(plan), let job = jobs.first else {
            throw Unexpected(what: "the plan joined another job")
        }
        return job
    }

    func claimJob(slots: Int = 8, steps: [Step.Name] = [.checkout, .build, .release]) async throws -> Job? {
        try await claim(slots: slots) { _ in steps }
    }

    func recoverJobs(steps: [Step.Name] = [.checkout, .build, .release]) async throws -> [Job] {
        try await recover { _ in steps }
    }

    func state(_ job: JobID) async throws -> Job.State? { try await self.job(job)?.state }
}

struct Unexpected: Error {
    var what: String
}

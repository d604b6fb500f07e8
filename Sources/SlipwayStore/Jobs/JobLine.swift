import GRDB
import Logging
import SlipwayBase
import SlipwayCore

/// A line of the server's log for a job that began or ended, written once that is on disk.
enum JobLine: Sendable {
    case began(Job)
    case ended(JobID, app: String, target: String?, commit: String?, Job.State, seconds: Int?, reason: String?)

    /// The columns that `init(ended:)` reads.
    static let endedColumns = "id, app, target, commit_id, state, started_at, finished_at, reason"

    init(ended row: Row) throws {
        let state: Job.State = try row.word("state", of: "jobs")
        // One that was still waiting took no time.
        var seconds: Int?
        if let start = row["started_at"] as Int64?, let end = row["finished_at"] as Int64? {
            seconds = Int(max(0, end - start) / 1000)
        }
        self = .ended(
            row["id"] as JobID, app: row["app"] as String, target: row["target"] as String?,
            commit: row["commit_id"] as String?, state, seconds: seconds, reason: row["reason"] as String?)
    }

    func write(to logger: Logger) {
        switch self {
        case .began(let job):
            var metadata = Self.metadata(
                job.id, app: job.plan.app, target: job.plan.target, commit: job.plan.commit.id?.description)
            metadata["trigger"] = "\(job.plan.trigger.kind.rawValue)"
            metadata["ref"] = "\(job.plan.trigger.ref)"
            metadata["by"] = job.plan.trigger.by.map { "\($0)" }
            logger.notice("job began", metadata: metadata)
        case .ended(let id, let app, let target, let commit, let state, let seconds, let reason):
            var metadata = Self.metadata(id, app: app, target: target, commit: commit)
            metadata["state"] = "\(state.rawValue)"
            metadata["seconds"] = seconds.map { "\($0)" }
            metadata["reason"] = reason.map { "\($0)" }
            logger.notice("job ended", metadata: metadata)
        }
    }

    private static func metadata(_ id: JobID, app: String, target: String?, commit: String?) -> Logger.Metadata {
        var metadata: Logger.Metadata = ["job": "\(id)", "app": "\(app)"]
        metadata["target"] = target.map { "\($0)" }
        metadata["commit"] = commit.map { "\($0)" }
        return metadata
    }
}

import Logging
import SlipwayBase
import SlipwayCore

extension Logger {
    /// A line of the server's log for a job that began or ended, written once that is on disk.
    func tell(of job: Job) {
        guard job.state != .queued else { return }
        var metadata: Metadata = ["job": "\(job.id)", "app": "\(job.plan.app)"]
        metadata["target"] = job.plan.target.map { "\($0)" }
        metadata["commit"] = job.plan.commit.id.map { "\($0)" }
        guard job.state.hasEnded else {
            metadata["trigger"] = "\(job.plan.trigger.kind.rawValue)"
            metadata["ref"] = "\(job.plan.trigger.ref)"
            metadata["by"] = job.plan.trigger.by.map { "\($0)" }
            return notice("job began", metadata: metadata)
        }
        metadata["state"] = "\(job.state.rawValue)"
        // One that was still waiting took no time.
        if let start = job.startedAt, let end = job.finishedAt {
            metadata["seconds"] = "\(max(0, end.milliseconds - start.milliseconds) / 1000)"
        }
        metadata["reason"] = job.reason.map { "\($0)" }
        notice("job ended", metadata: metadata)
    }
}

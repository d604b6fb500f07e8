import SlipwayBase
import SlipwayCore

/// What the templates show of a job; every value is text, which they escape.
struct JobContext {
    let values: [String: Any]

    /// - Parameter app: as configured now; nil when it is no longer.
    init(_ job: Job, app: App?, now: Timestamp) {
        let commit = job.plan.commit
        let name = job.plan.app + (job.plan.target.map { " → " + $0 } ?? "")
        var values: [String: Any] = [
            "id": String(job.id), "state": job.state.rawValue, "app": job.plan.app, "name": name,
            "sha": commit.id?.short ?? "", "fullSHA": commit.id?.description ?? "",
            "subject": commit.subject.singleLine(limit: 200), "trigger": PageText.trigger(job.plan.trigger),
            "created": Self.time(job.createdAt), "steps": job.steps.map { Self.step($0, of: job, now) },
            "hasSteps": !job.steps.isEmpty, "isFresh": job.plan.fresh, "isTestOnly": job.plan.target == nil,
            "delivery": job.plan.trigger.delivery.singleLine(limit: 128),
        ]
        values["target"] = job.plan.target
        values["author"] = commit.author.map { $0.singleLine(limit: 100) }
        values["by"] = job.plan.trigger.by.map { $0.singleLine(limit: 100) }
        values["reason"] = job.reason.map { $0.singleLine(limit: 1000) }
        values["successor"] = job.successor.map(String.init)
        values["started"] = job.startedAt.map(Self.time)
        values["finished"] = job.finishedAt.map(Self.time)
        values["commitURL"] = PageText.commitURL(commit.id, of: app)
        if let since = job.startedAt {
            values["duration"] = PageText.duration(since.duration(to: job.finishedAt ?? now))
            if job.state == .running { values["since"] = String(since.milliseconds) }
        }
        self.values = values
    }

    /// For `<time datetime>`.
    static func time(_ time: Timestamp) -> [String: String] {
        ["iso": time.description, "text": PageText.time(time)]
    }

    private static func step(_ step: Step, of job: Job, _ now: Timestamp) -> [String: Any] {
        var values: [String: Any] = [
            "step": step.name.rawValue, "stepState": step.state.rawValue, "job": String(job.id),
        ]
        values["stepReason"] = step.reason.map { $0.singleLine(limit: 1000) }
        values["stepStarted"] = step.startedAt.map(time)
        if let since = step.startedAt {
            values["stepDuration"] = PageText.duration(since.duration(to: step.finishedAt ?? now))
            if step.state == .running { values["stepSince"] = String(since.milliseconds) }
        }
        // Only a step that ran has a log.
        if step.startedAt != nil { values["hasLog"] = true }
        return values
    }
}

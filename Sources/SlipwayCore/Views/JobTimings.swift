package import SlipwayBase

/// How long a job waited, and how long it and its steps then took.
package struct JobTimings: Sendable {
    /// Until it began; of one that never did until it ended, or until now.
    package let waited: Duration
    /// In words, as far as it is known; nil: the job waited not at all, or for what is not known any more.
    package let waitedFor: String?
    /// Until it ended, or until now; nil: it has not begun.
    package let took: Duration?
    /// nil: the step has not begun.
    package let steps: [(name: Step.Name, took: Duration?)]

    /// - Parameter before: older jobs of the same target, the newest first.
    package init(_ job: Job, before: [Job], now: Timestamp) {
        // Of a clock that was set back meanwhile no time has gone by.
        waited = max(.zero, job.createdAt.duration(to: job.startedAt ?? job.finishedAt ?? now))
        waitedFor =
            if job.state == .queued {
                job.reason
            } else {
                Self.predecessor(of: job, among: before).map { "job \($0.id), which ran for the same target" }
            }
        took = job.startedAt.map { max(.zero, $0.duration(to: job.finishedAt ?? now)) }
        steps = job.steps.map { step in
            (step.name, step.startedAt.map { max(.zero, $0.duration(to: step.finishedAt ?? job.finishedAt ?? now)) })
        }
    }

    /// The last one that ended while the job waited: a target runs one job at a time.
    private static func predecessor(of job: Job, among before: [Job]) -> Job? {
        guard let started = job.startedAt else { return nil }
        return before.filter { other in
            guard other.startedAt != nil, let end = other.finishedAt else { return false }
            return job.createdAt < end && end <= started
        }.max { ($0.finishedAt ?? started) < ($1.finishedAt ?? started) }
    }
}

/// `{"waited_seconds", "waited_for", "took_seconds", "steps": [{"name", "took_seconds"}]}`, with nulls.
extension JobTimings: Encodable {
    private enum Key: String, CodingKey {
        case steps
        case waitedSeconds = "waited_seconds"
        case waitedFor = "waited_for"
        case tookSeconds = "took_seconds"
    }

    private struct StepTiming: Encodable {
        var name: Step.Name
        var took: Duration?

        private enum CodingKeys: String, CodingKey {
            case name
            case tookSeconds = "took_seconds"
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(name.rawValue, forKey: .name)
            try fields.encode(took.map(JobTimings.seconds), forKey: .tookSeconds)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(Self.seconds(waited), forKey: .waitedSeconds)
        try fields.encode(waitedFor, forKey: .waitedFor)
        try fields.encode(took.map(Self.seconds), forKey: .tookSeconds)
        try fields.encode(steps.map { StepTiming(name: $0.name, took: $0.took) }, forKey: .steps)
    }

    private static func seconds(_ duration: Duration) -> Double { Double(duration / .milliseconds(1)) / 1000 }
}

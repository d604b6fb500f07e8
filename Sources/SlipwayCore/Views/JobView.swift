import SlipwayBase

/// A job as JSON shows it, with the field names of docs/api.md; what is not there is null, never left out.
package struct JobView: Encodable, Sendable {
    private let job: Job
    private let log: LogFacts?
    private let history: History?

    /// - Parameters:
    ///   - log: for those who may read the log.
    ///   - history: for those who may read the log and ask for it.
    package init(_ job: Job, log: LogFacts? = nil, history: History? = nil) {
        self.job = job
        self.log = log
        self.history = history
    }

    /// What a job did to the world, and when.
    package struct History: Sendable {
        package var journal: [JournalEntry]
        package var timings: JobTimings

        package init(journal: [JournalEntry], timings: JobTimings) {
            self.journal = journal
            self.timings = timings
        }
    }

    /// What a job's JSON tells of its log. Of a list's jobs the log is not looked at, so that nothing is known of what is
    /// left out of it.
    package struct LogFacts: Sendable {
        /// What is left out of the job's text lies in this range.
        package var omitted: Range<Int>?
        package var omittedOfSteps: [Step.Name: Range<Int>]?

        package init(omitted: Range<Int>? = nil, ofSteps: [Step.Name: Range<Int>]? = nil) {
            self.omitted = omitted
            omittedOfSteps = ofSteps
        }
    }

    private enum Key: String, CodingKey {
        case id, app, target, state, reason, detail, omitted, fresh, trigger, commit, steps, timings, journal
        case createdAt = "created_at"
        case startedAt = "started_at"
        case finishedAt = "finished_at"
        case supersededBy = "superseded_by"
    }

    private enum TriggerKey: String, CodingKey {
        case kind, ref, delivery, by
    }

    private enum CommitKey: String, CodingKey {
        case sha, message, author
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(job.id, forKey: .id)
        try fields.encode(job.plan.app, forKey: .app)
        try fields.encode(job.plan.target, forKey: .target)
        try fields.encode(job.state.rawValue, forKey: .state)
        try fields.encode(job.reason, forKey: .reason)
        if let log {
            try fields.encode(job.detail, forKey: .detail)
            if log.omittedOfSteps != nil { try fields.encode(log.omitted.map(RangeView.init), forKey: .omitted) }
        }
        try fields.encode(job.plan.fresh, forKey: .fresh)
        var trigger = fields.nestedContainer(keyedBy: TriggerKey.self, forKey: .trigger)
        try trigger.encode(job.plan.trigger.kind.rawValue, forKey: .kind)
        try trigger.encode(job.plan.trigger.ref, forKey: .ref)
        try trigger.encode(job.plan.trigger.delivery, forKey: .delivery)
        try trigger.encode(job.plan.trigger.by, forKey: .by)
        var commit = fields.nestedContainer(keyedBy: CommitKey.self, forKey: .commit)
        try commit.encode(job.plan.commit.id?.description, forKey: .sha)
        try commit.encode(job.plan.commit.subject.singleLine(), forKey: .message)
        try commit.encode(job.plan.commit.author, forKey: .author)
        try fields.encode(job.createdAt, forKey: .createdAt)
        try fields.encode(job.startedAt, forKey: .startedAt)
        try fields.encode(job.finishedAt, forKey: .finishedAt)
        try fields.encode(job.successor, forKey: .supersededBy)
        try fields.encode(job.steps.map { StepView($0, of: nil, log: log) }, forKey: .steps)
        guard let history else { return }
        try fields.encode(history.timings, forKey: .timings)
        try fields.encode(history.journal.map(JournalEntryView.init), forKey: .journal)
    }
}

/// Bytes of a log from an offset up to another one.
private struct RangeView: Encodable {
    var from: Int
    var to: Int

    init(_ range: Range<Int>) {
        from = range.lowerBound
        to = range.upperBound
    }
}

/// A step as JSON shows it.
package struct StepView: Encodable, Sendable {
    private let step: Step
    private let job: JobID?
    private let log: JobView.LogFacts?

    /// - Parameters:
    ///   - job: for a step that does not stand within its job: an event's.
    ///   - log: for those who may read the log.
    package init(_ step: Step, of job: JobID?, log: JobView.LogFacts? = nil) {
        self.step = step
        self.job = job
        self.log = log
    }

    private enum Key: String, CodingKey {
        case job, name, state, reason, detail, omitted
        case startedAt = "started_at"
        case finishedAt = "finished_at"
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encodeIfPresent(job, forKey: .job)
        try fields.encode(step.name.rawValue, forKey: .name)
        try fields.encode(step.state.rawValue, forKey: .state)
        try fields.encode(step.startedAt, forKey: .startedAt)
        try fields.encode(step.finishedAt, forKey: .finishedAt)
        try fields.encode(step.reason, forKey: .reason)
        guard let log else { return }
        try fields.encode(step.detail, forKey: .detail)
        if let omitted = log.omittedOfSteps {
            try fields.encode(omitted[step.name].map(RangeView.init), forKey: .omitted)
        }
    }
}

import SlipwayBase

/// A job as JSON shows it, with the contract's field names; what is not there is null, never left out.
package struct JobView: Encodable, Sendable {
    private let job: Job

    package init(_ job: Job) {
        self.job = job
    }

    private enum Key: String, CodingKey {
        case id, app, target, state, reason, fresh, trigger, commit, steps
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
        try fields.encode(job.steps.map(StepView.init), forKey: .steps)
    }
}

/// A step as JSON shows it.
package struct StepView: Encodable, Sendable {
    private let step: Step
    private let job: JobID?

    /// - Parameter job: for a step that does not stand within its job: an event's.
    package init(_ step: Step, of job: JobID?) {
        self.step = step
        self.job = job
    }

    package init(_ step: Step) {
        self.init(step, of: nil)
    }

    private enum Key: String, CodingKey {
        case job, name, state, reason
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
    }
}

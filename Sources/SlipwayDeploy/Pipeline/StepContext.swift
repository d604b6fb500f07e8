package import SlipwayCore

/// What every step of a job works with.
package struct StepContext: Sendable {
    package let job: Job
    package let app: App
    /// nil in a job that only tests.
    package let target: Target?
    package let configuration: Configuration
    package let step: Step.Name
    package let log: StepLog
    package let journal: any Journal
    /// What this step had begun before the server stopped in it.
    package let earlier: [JournalEntry]

    package init(
        job: Job, app: App, target: Target?, configuration: Configuration, step: Step.Name, log: StepLog,
        journal: any Journal, earlier: [JournalEntry] = []
    ) {
        self.job = job
        self.app = app
        self.target = target
        self.configuration = configuration
        self.step = step
        self.log = log
        self.journal = journal
        self.earlier = earlier
    }
}

/// Why a step failed, in words a person understands, naming what to do about it. The edge between the modules' own
/// closed errors and a job's `reason`.
package struct StepFailure: Error, Sendable {
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

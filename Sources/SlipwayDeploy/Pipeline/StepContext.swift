package import SlipwayCore

/// What every step of a job works with.
package struct StepContext: Sendable {
    package let job: Job
    package let app: App
    /// nil in a job that only tests.
    package let target: Target?
    package let step: Step.Name
    package let log: StepLog
    package let journal: any Journal
    /// What this step had begun before the server stopped in it.
    package let earlier: [JournalEntry]
    /// What the steps before it have produced.
    let products: Products

    package init(
        job: Job, app: App, target: Target?, step: Step.Name, log: StepLog, journal: any Journal,
        earlier: [JournalEntry] = []
    ) {
        self.init(
            job: job, app: app, target: target, step: step, log: log, journal: journal, earlier: earlier,
            products: Products())
    }

    init(
        job: Job, app: App, target: Target?, step: Step.Name, log: StepLog, journal: any Journal,
        earlier: [JournalEntry], products: Products
    ) {
        self.job = job
        self.app = app
        self.target = target
        self.step = step
        self.log = log
        self.journal = journal
        self.earlier = earlier
        self.products = products
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

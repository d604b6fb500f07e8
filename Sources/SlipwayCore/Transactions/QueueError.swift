/// Why a store refuses a change, whatever its database is. Nothing of the transaction is stored.
package enum QueueError: Error, Sendable, Hashable {
    case unknownJob(JobID)
    case unknownStep(JobID, Step.Name)
    case unknownEffect(EffectID)
    /// Only a running job can be ended.
    case notRunning(JobID, Job.State)
    /// No way leads there: `Job.State.next`.
    case noWay(JobID, from: Job.State, to: Job.State)
}

extension QueueError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownJob(let job): "there is no job \(job)"
        case .unknownStep(let job, let step): "job \(job) has no step \(step.rawValue)"
        case .unknownEffect(let effect): "there is no effect \(effect)"
        case .notRunning(let job, let state): "job \(job) is \(state.rawValue), not running"
        case .noWay(let job, let from, let to):
            "job \(job) is \(from.rawValue), and such a job cannot become \(to.rawValue)"
        }
    }
}

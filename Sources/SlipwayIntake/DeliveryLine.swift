import Logging
import SlipwayBase
import SlipwayCore

/// The server's one line for a delivery that was recorded, by whatever door it came in, with what was decided.
struct DeliveryLine {
    var source: Delivery.Source
    var event: String
    var delivery: String
    /// GitHub's word for what was done to a release.
    var action: String?
    var repository: String?
    var ref: String?
    /// nil: the delivery names none.
    var commit: CommitID?
    var sender: String?
    /// Those that the delivery is about, whether or not it makes a job for them.
    var apps: [String] = []

    /// Of a delivery that is one plan.
    init(_ delivery: Delivery, _ plan: Plan) {
        source = delivery.source
        event = delivery.event
        self.delivery = delivery.guid
        ref = plan.trigger.ref
        commit = plan.commit.id
        sender = plan.trigger.by
        apps = [plan.app]
    }

    init(_ delivery: Delivery, _ event: GitHubEvent, apps: [String]) {
        source = delivery.source
        self.event = delivery.event
        self.delivery = delivery.guid
        repository = event.repository?.fullName
        self.apps = apps
        switch event.event {
        case .push(let push):
            ref = push.ref.description
            commit = push.commit?.id
            sender = push.pusher
        case .release(let release):
            ref = release.tag.description
            action = release.action
            sender = release.sender
        case .ping, .unrelated: break
        }
    }

    func write(_ receipt: Receipt, to logger: Logger) {
        var metadata: Logger.Metadata = [
            "source": "\(source.rawValue)", "event": "\(event)", "delivery": "\(delivery)",
            "decision": "\(receipt.decision)",
        ]
        metadata["action"] = action.map { "\($0)" }
        metadata["repository"] = repository.map { "\($0)" }
        metadata["ref"] = ref.map { "\($0)" }
        metadata["commit"] = commit.map { "\($0)" }
        metadata["sender"] = sender.map { "\($0)" }
        if case .ignored(let reason) = receipt { metadata["reason"] = "\(reason)" }
        if !apps.isEmpty { metadata["app"] = "\(apps.joined(separator: ","))" }
        let jobs = receipt.jobs
        let targets = jobs.compactMap(\.plan.target)
        if !targets.isEmpty { metadata["target"] = "\(targets.joined(separator: ","))" }
        if !jobs.isEmpty { metadata["jobs"] = "\(jobs.map { "\($0.id)" }.joined(separator: ","))" }
        logger.notice("delivery", metadata: metadata)
    }
}

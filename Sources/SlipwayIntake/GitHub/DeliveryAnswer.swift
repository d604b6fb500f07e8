import SlipwayCore
import SlipwayHTTP

/// What GitHub is told of a delivery, and shows its repository's owners.
struct DeliveryAnswer: Sendable {
    var delivery: String
    var decision: String
    var reason: String?
    var jobs: [JobLink]?
    var warnings: [String]?

    struct JobLink: Sendable {
        var id: JobID
        var url: String
        var app: String
        /// nil: the job only tests.
        var target: String?
    }

    /// - Parameter publicURL: makes the jobs' URLs absolute.
    init(_ receipt: Receipt, delivery: String, warnings: [String], publicURL: String?) {
        self.delivery = delivery
        decision = receipt.decision
        let links = receipt.jobs.map {
            JobLink(id: $0.id, url: (publicURL ?? "") + "/jobs/\($0.id)", app: $0.plan.app, target: $0.plan.target)
        }
        switch receipt {
        case .queued, .joined: jobs = links
        case .duplicate:
            if links.isEmpty { reason = "this delivery came before; the history no longer has its jobs" }
            jobs = links
        case .ignored(let reason): self.reason = reason
        case .pong: self.warnings = warnings.isEmpty ? nil : warnings
        }
    }

    var status: HTTPStatus { decision == "queued" ? .accepted : .ok }

    /// In the order of the names, as everywhere.
    var json: String {
        func list(_ texts: [String]) -> String { "[" + texts.joined(separator: ",") + "]" }
        var text = "{\"decision\":" + JSONText.quoted(decision) + ",\"delivery\":" + JSONText.quoted(delivery)
        if let jobs { text += ",\"jobs\":" + list(jobs.map(\.json)) }
        if let reason { text += ",\"reason\":" + JSONText.quoted(reason) }
        if let warnings { text += ",\"warnings\":" + list(warnings.map(JSONText.quoted)) }
        return text + "}"
    }
}

extension DeliveryAnswer.JobLink {
    fileprivate var json: String {
        "{\"app\":" + JSONText.quoted(app) + ",\"id\":" + String(id) + ",\"target\":"
            + (target.map(JSONText.quoted) ?? "null") + ",\"url\":" + JSONText.quoted(url) + "}"
    }
}

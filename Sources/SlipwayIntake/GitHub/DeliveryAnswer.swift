import SlipwayCore
import SlipwayHTTP

/// What GitHub is told of a delivery, and shows its repository's owners.
struct DeliveryAnswer: Encodable, Sendable {
    var delivery: String
    var decision: String
    var reason: String?
    var jobs: [JobLink]?
    var warnings: [String]?

    struct JobLink: Encodable, Sendable {
        var id: JobID
        var url: String
        var app: String
        var target: String?

        private enum CodingKeys: String, CodingKey {
            case id, url, app, target
        }

        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(id, forKey: .id)
            try fields.encode(url, forKey: .url)
            try fields.encode(app, forKey: .app)
            // Null where there is none: the job only tests.
            try fields.encode(target, forKey: .target)
        }
    }

    /// - Parameter publicURL: makes the jobs' URLs absolute.
    init(_ receipt: Receipt, delivery: String, warnings: [String], publicURL: String?) {
        func links(_ jobs: [Job]) -> [JobLink] {
            jobs.map {
                JobLink(
                    id: $0.id, url: (publicURL ?? "") + "/jobs/\($0.id)", app: $0.plan.app, target: $0.plan.target)
            }
        }
        self.delivery = delivery
        switch receipt {
        case .queued(let jobs):
            decision = "queued"
            self.jobs = links(jobs)
        case .joined(let jobs):
            decision = "joined"
            self.jobs = links(jobs)
        case .duplicate(let jobs):
            decision = "duplicate"
            self.jobs = links(jobs)
        case .ignored(let reason):
            decision = "ignored"
            self.reason = reason
        case .pong:
            decision = "pong"
            self.warnings = warnings.isEmpty ? nil : warnings
        }
    }

    var status: HTTPStatus { decision == "queued" ? .accepted : .ok }
}

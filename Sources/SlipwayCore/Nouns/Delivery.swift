package import SlipwayBase

/// One request that asks for work, as received: a webhook, a curl or a button; or what a look at the repository found in
/// the place of one that never came.
package struct Delivery: Sendable {
    package enum Source: String, Sendable {
        case github, api, dashboard
        case catchUp = "catch-up"
    }

    /// GitHub's `X-GitHub-Delivery`; for our own doors a random UUID. A GUID is accepted once, as long as its delivery is
    /// on record: that must be at least 7 days, for GitHub delivers again what is up to 3 days old.
    package var guid: String
    package var source: Source
    /// `X-GitHub-Event`, `deploy` and `rollback` for our own doors, or `catch-up`.
    package var event: String
    /// By allow-list only: GitHub once sent a webhook's secret in a header (docs/github.md, 1).
    package var headers: [(name: String, value: String)]
    package var body: any DeliveryBody
    package var receivedAt: Timestamp

    package init(
        guid: String, source: Source, event: String, headers: [(name: String, value: String)] = [],
        body: any DeliveryBody = [UInt8](), receivedAt: Timestamp = .now()
    ) {
        self.guid = guid
        self.source = source
        self.event = event
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
    }
}

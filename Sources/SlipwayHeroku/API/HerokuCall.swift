import SlipwayHTTP

/// One request to the Platform API as a value.
struct HerokuCall: Sendable {
    var method: HTTPMethod
    /// With its slash, below the API's URL.
    var path: String
    /// Completes "… failed": `reading the app my-app`.
    var doing: String
    var body: [UInt8] = []
    var variant = Variant.published
    /// Heroku's pagination: `version ..; max=1, order=desc`.
    var range: String?
    var repetition = Repetition.harmless
    /// Whether it changes something that a person would want to find in the log.
    var isEffect: Bool { method != .get && !path.hasSuffix("/log-sessions") }

    /// The API's version in `Accept`; container releases exist only in an unpublished one (docs/heroku.md, 1.6).
    enum Variant: String, Sendable {
        case published = "3"
        case dockerReleases = "3.docker-releases"
        case sdk = "3.sdk"
    }

    /// Whether the same call twice does what it does once. The API knows no idempotency keys.
    enum Repetition: Sendable {
        case harmless
        /// Repeated only when Heroku has said, or it is certain, that nothing happened: what got no answer may have
        /// started a migration.
        case onlyWhenRefused
    }
}

/// A successful answer.
struct HerokuAnswer: Sendable {
    var status: HTTPStatus
    var body: [UInt8]
    /// The only trace of a release that Heroku did not make (docs/heroku.md, T5).
    var warnings: [String]
    var requestID: String?
}

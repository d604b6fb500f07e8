/// What the Platform API did not do.
enum HerokuError: Error, Sendable {
    /// The request never left: it had no effect.
    case unreachable(doing: String, reason: String)
    /// The request left and no whole answer came: it may have had its effect.
    case unanswered(doing: String, reason: String)
    case unauthorized(HerokuRefusal)
    case twoFactor(HerokuRefusal)
    case forbidden(HerokuRefusal)
    case delinquent(HerokuRefusal)
    case notFound(HerokuRefusal)
    case conflict(HerokuRefusal)
    /// Any other status of 400 to 499.
    case invalid(HerokuRefusal)
    case rateLimited(HerokuRefusal, retryAfter: Duration?)
    case unavailable(HerokuRefusal)
    /// A success whose body is not what the schema says.
    case malformed(doing: String, reason: String)
    /// An address in an answer that is not followed.
    case elsewhere(doing: String, host: String)

    init(_ refusal: HerokuRefusal, retryAfter: Duration?) {
        switch refusal.status {
        case 401: self = .unauthorized(refusal)
        case 402: self = .delinquent(refusal)
        case 403 where refusal.id == "two_factor": self = .twoFactor(refusal)
        case 403: self = .forbidden(refusal)
        case 404: self = .notFound(refusal)
        case 409: self = .conflict(refusal)
        case 429: self = .rateLimited(refusal, retryAfter: retryAfter)
        case 500...: self = .unavailable(refusal)
        default: self = .invalid(refusal)
        }
    }

    /// Whether it is certain that the call changed nothing.
    var hadNoEffect: Bool {
        switch self {
        case .unanswered, .unavailable, .malformed: false
        default: true
        }
    }

    var isNotFound: Bool {
        if case .notFound = self { true } else { false }
    }
}

/// An answer that is not a success: Heroku's `{"id", "message"}`, or the status line where the body is not JSON.
struct HerokuRefusal: Sendable {
    var doing: String
    var status: Int
    /// Heroku's word: `rate_limit`, `invalid_params`, `two_factor`.
    var id: String
    var message: String
    var requestID: String?
}

import SlipwayBase

extension HerokuError {
    /// What happened, on what, and what to do about it.
    var sentence: String {
        switch self {
        case .unreachable(let doing, let reason):
            "Heroku could not be reached while \(doing): \(reason); check heroku.api_url and this machine's network"
        case .unanswered(let doing, let reason):
            "Heroku gave no answer while \(doing) (\(reason)), so whether it was done is unknown; look at the app's "
                + "activity on Heroku before you deploy again"
        case .unauthorized(let refusal):
            "Heroku does not accept the API key, seen while \(refusal.what): it is wrong, expired or revoked; make a "
                + "new one with `heroku authorizations:create` and set heroku.api_key"
        case .twoFactor(let refusal):
            "Heroku asks for a second factor while \(refusal.what); set heroku.api_key to a token made with "
                + "`heroku authorizations:create`, or pre-authorize the app"
        case .forbidden(let refusal):
            "Heroku forbids \(refusal.what); give the API key's account access to the app, or set another "
                + "heroku.api_key"
        case .delinquent(let refusal):
            "Heroku refuses while \(refusal.what): the account has to be paid first"
        case .notFound(let refusal):
            "Heroku knows nothing of what was asked for while \(refusal.what); check the target's `heroku:` name and "
                + "whether the API key's account can see that app"
        case .conflict(let refusal):
            "Heroku was not ready while \(refusal.what), also after several tries; deploy again in a minute"
        case .invalid(let refusal):
            "Heroku refused the request while \(refusal.what); what it says is to be changed, then deploy again"
        case .rateLimited(let refusal, _):
            "Heroku's rate limit is used up, seen while \(refusal.what), also after waiting; see what else uses this "
                + "account's API key, then deploy again"
        case .unavailable(let refusal):
            "Heroku failed while \(refusal.what); see status.heroku.com and deploy again"
        case .malformed(let doing, let reason):
            "Heroku's answer while \(doing) is not understood (\(reason)); check that heroku.api_url is the Platform API"
        case .elsewhere(let doing, let host):
            "Heroku's answer while \(doing) names \(host.singleLine(limit: 200)), which is not a host of Heroku's and was "
                + "not asked for anything; check heroku.api_url"
        }
    }

    /// For a line that says why something is tried again.
    var cause: String {
        switch self {
        case .unreachable(_, let reason): "Heroku cannot be reached (\(reason))"
        case .unanswered(_, let reason): "Heroku gave no answer (\(reason))"
        case .malformed(_, let reason): "Heroku's answer is not understood (\(reason))"
        case .elsewhere(_, let host): "Heroku names \(host.singleLine(limit: 200)), which is not a host of its own"
        case .rateLimited: "Heroku's rate limit is used up"
        case .unauthorized(let refusal), .twoFactor(let refusal), .forbidden(let refusal), .delinquent(let refusal),
            .notFound(let refusal), .conflict(let refusal), .invalid(let refusal), .unavailable(let refusal):
            "Heroku answered \(refusal.answer)"
        }
    }
}

extension HerokuRefusal {
    fileprivate var what: String { "\(doing) (\(answer))" }

    fileprivate var answer: String {
        var parts = ["\(status)"]
        if !id.isEmpty { parts.append(id.singleLine(limit: 60)) }
        var text = parts.joined(separator: " ")
        if !message.isEmpty { text += ": " + message.singleLine(limit: 300) }
        if let requestID { text += ", request \(requestID.singleLine(limit: 120))" }
        return text
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayHTTP

/// What the query or the form of a deploy asks for.
struct DeployWish: Sendable {
    /// nil: what is live, again.
    var ref: String?
    var isFresh: Bool
    var wait: Wait?

    /// - Throws: 400 for what is not understood: a slip of the pen must not start a deploy that was meant otherwise.
    init(_ request: HTTPRequest, _ caller: Caller) throws(HTTPError) {
        try request.knowFields(["ref", "fresh", "wait"])
        ref = request.field("ref", caller)
        let fresh = request.field("fresh", caller)
        guard fresh == nil || fresh == "1" else { throw HTTPError.badRequest("fresh is 1, or left out") }
        isFresh = fresh != nil
        wait = try request.wait(caller)
    }

    /// What is answered when the job is there. Raw values stand in the query; without one it is the job as it is then.
    enum Wait: String, Sendable {
        /// The log as it grows, and how the job ended as its last line.
        case log = "1"
        /// Nothing before its end, and then the job with a status that says whether it succeeded.
        case quiet
    }

    /// What is stored as the delivery's body.
    struct Record: Encodable {
        var app: String
        var target: String
        var ref: String?
        var commit: String?
        var fresh: Bool
        var by: String?
    }
}

extension HTTPRequest {
    func wait(_ caller: Caller) throws(HTTPError) -> DeployWish.Wait? {
        guard let text = field("wait", caller) else { return nil }
        guard let wait = DeployWish.Wait(rawValue: text) else {
            throw HTTPError.badRequest("wait is 1 (the log as it grows) or quiet (the job at its end), or left out")
        }
        return wait
    }

    /// - Throws: 400 for another name in the query.
    func knowFields(_ known: [String]) throws(HTTPError) {
        guard let unknown = target.query.first(where: { !known.contains($0.name) }) else { return }
        throw HTTPError.badRequest(
            "there is no parameter \(unknown.name.singleLine(limit: 60)) here; there are "
                + known.joined(separator: ", "))
    }

    /// What the query or else the form says; nil for a field that is left empty.
    func field(_ name: String, _ caller: Caller) -> String? {
        let value = target.value(name) ?? caller.form[name]
        return value?.isEmpty == false ? value : nil
    }
}

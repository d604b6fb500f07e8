import SlipwayCore
import SlipwayHTTP

/// What the query or the form of a deploy asks for.
struct DeployWish: Sendable {
    /// nil: what is live, again.
    var ref: String?
    var isFresh: Bool
    var wait: Wait?

    init(_ request: HTTPRequest, _ caller: Caller) {
        ref = request.field("ref", caller)
        isFresh = request.field("fresh", caller) == "1"
        wait = request.wait(caller)
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
    func wait(_ caller: Caller) -> DeployWish.Wait? { field("wait", caller).flatMap { DeployWish.Wait(rawValue: $0) } }

    /// What the query or else the form says; nil for a field that is left empty.
    func field(_ name: String, _ caller: Caller) -> String? {
        let value = target.value(name) ?? caller.form[name]
        return value?.isEmpty == false ? value : nil
    }
}

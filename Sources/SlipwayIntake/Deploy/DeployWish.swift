import SlipwayCore
import SlipwayHTTP

/// What the query or the form of a deploy asks for.
struct DeployWish: Sendable {
    /// nil: what is live, again.
    var ref: String?
    var isFresh: Bool
    var waits: Bool

    init(_ request: HTTPRequest, _ caller: Caller) {
        ref = request.field("ref", caller)
        isFresh = request.field("fresh", caller) == "1"
        waits = request.field("wait", caller) == "1"
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
    /// What the query or else the form says; nil for a field that is left empty.
    func field(_ name: String, _ caller: Caller) -> String? {
        let value = target.value(name) ?? caller.form[name]
        return value?.isEmpty == false ? value : nil
    }
}

import SlipwayHTTP

/// What the query or the form of a deploy asks for.
struct DeployWish: Sendable {
    /// nil: what is live, again.
    var ref: String?
    var isFresh: Bool
    var waits: Bool

    init(query: HTTPTarget, form: [String: String]) {
        func value(_ name: String) -> String? {
            let value = query.value(name) ?? form[name]
            return value?.isEmpty == false ? value : nil
        }
        ref = value("ref")
        isFresh = value("fresh") == "1"
        waits = value("wait") == "1"
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

package import SlipwayHTTP

/// What goes wrong with the next requests that match.
package struct Fault: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// An error answer; nothing else happens.
        /// - retryAfter: seconds, in the field of that name.
        case status(Int, id: String, message: String, retryAfter: Int? = nil)
        /// The answer comes late.
        case delay(Duration)
        /// The connection ends instead of an answer; nothing else happens.
        case drop
        /// The request does what it asks for, then the connection ends instead of an answer.
        case loseAnswer
        /// 200 with a body that is no JSON; nothing else happens.
        case garbage
        /// No answer ever; nothing else happens.
        case hang
    }

    /// nil: any.
    package var method: HTTPMethod?
    /// Segments that are themselves, `*` for one, a last `**` for the rest: `/apps/*/formation`.
    package var path: String
    package var kind: Kind
    /// How often it still happens.
    package var times: Int

    package init(_ kind: Kind, method: HTTPMethod? = nil, path: String, times: Int = 1) {
        self.kind = kind
        self.method = method
        self.path = path
        self.times = times
    }

    func matches(_ method: HTTPMethod, _ path: String) -> Bool {
        guard self.method == nil || self.method == method else { return false }
        let pattern = self.path.split(separator: "/")
        let segments = path.split(separator: "/")
        for (index, wanted) in pattern.enumerated() {
            if wanted == "**" { return true }
            guard index < segments.count, wanted == "*" || wanted == segments[index] else { return false }
        }
        return pattern.count == segments.count
    }
}

extension Fault {
    /// From the admin API: `{"kind": "status", "status": 503, "id": "…", "message": "…", "retry_after": 3,
    /// "method": "PATCH", "path": "/apps/*/formation", "times": 2}`; `kind` is one of `status`, `delay` (`delay_ms`), `drop`,
    /// `lose_answer`, `garbage`, `hang`.
    init(json: JSON) throws(APIError) {
        guard let path = json["path"]?.string else { throw .invalid("a fault needs a path") }
        let kind: Kind
        switch json["kind"]?.string {
        case "status":
            guard let status = json["status"]?.integer, (400...599).contains(status) else {
                throw .invalid("a fault of kind status needs a status from 400 to 599")
            }
            kind = .status(
                status, id: json["id"]?.string ?? "fault", message: json["message"]?.string ?? "A fault on demand.",
                retryAfter: json["retry_after"]?.integer)
        case "delay":
            guard let delay = json["delay_ms"]?.integer else { throw .invalid("a delay needs delay_ms") }
            kind = .delay(.milliseconds(delay))
        case "drop": kind = .drop
        case "lose_answer": kind = .loseAnswer
        case "garbage": kind = .garbage
        case "hang": kind = .hang
        default: throw .invalid("kind is one of status, delay, drop, lose_answer, garbage, hang")
        }
        self.init(
            kind, method: json["method"]?.string.map(HTTPMethod.init), path: path,
            times: json["times"]?.integer ?? 1)
    }

    var json: JSON {
        var fields: [String: JSON] = [
            "method": .optional(method?.description), "path": .string(path), "times": .integer(times),
        ]
        switch kind {
        case .status(let status, let id, let message, let retryAfter):
            fields["kind"] = "status"
            fields["status"] = .integer(status)
            fields["id"] = .string(id)
            fields["message"] = .string(message)
            fields["retry_after"] = retryAfter.map { .integer($0) }
        case .delay(let delay):
            fields["kind"] = "delay"
            fields["delay_ms"] = .integer(delay.milliseconds)
        case .drop: fields["kind"] = "drop"
        case .loseAnswer: fields["kind"] = "lose_answer"
        case .garbage: fields["kind"] = "garbage"
        case .hang: fields["kind"] = "hang"
        }
        return .object(fields)
    }
}

extension Duration {
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

/// A job as `GET /jobs` shows it.
struct PlayedJob: Sendable, CustomStringConvertible {
    let id: Int
    let state: String
    let reason: String
    let commit: String
    let steps: [(name: String, state: String)]

    init(_ json: [String: Any]) {
        id = json["id"] as? Int ?? 0
        state = json["state"] as? String ?? ""
        reason = json["reason"] as? String ?? ""
        commit = (json["commit"] as? [String: Any])?["sha"] as? String ?? ""
        steps = (json["steps"] as? [[String: Any]] ?? []).map {
            ($0["name"] as? String ?? "", $0["state"] as? String ?? "")
        }
    }

    var hasEnded: Bool { !["queued", "running"].contains(state) }

    func has(_ step: String, _ state: String) -> Bool { steps.contains { $0 == (step, state) } }

    var description: String {
        // Whoever gives way names the other's number, whoever fails its release and its dyno.
        let reason = reason.replacing(/\b(v|run\.)\d+/) { "\($0.1)…" }
        let why = ["succeeded", "superseded"].contains(state) ? "" : " (\(reason))"
        return "\(state)\(why): " + steps.map { "\($0.name) \($0.state)" }.joined(separator: " ")
    }
}

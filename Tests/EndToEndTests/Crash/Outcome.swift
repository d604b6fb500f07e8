/// What can be told apart from outside once the work is done.
struct Outcome: Equatable, CustomStringConvertible {
    /// All that were made, each with its steps.
    var jobs: [String]
    /// Of the last job's commit.
    var isLive: Bool
    /// Of the last job, as `GET /status` shows it.
    var isRecorded: Bool
    var isPaused: Bool
    /// By their names, how many more there were than before; what has no business to be there any more counts as one.
    var effects: [String: Int]

    /// What may happen more than once:
    /// - a dyno to which nobody has attached yet has run nothing: it is stopped, and another one started. What runs in
    ///   them is counted as `one_off_processes`.
    /// - a change of the formation to what it is already: Heroku makes no release of it.
    static let repeatable: Set = ["one_off_dynos", "stops", "unchanged_image_releases"]

    /// Whether it is the same. What is in the registry already is not pushed again.
    func isLike(_ other: Outcome) -> Bool {
        var (one, other) = (self, other)
        let pushed = one.effects.removeValue(forKey: "manifests") ?? 0
        return pushed <= other.effects.removeValue(forKey: "manifests") ?? 0 && one == other
    }

    var description: String {
        let counts = effects.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        let state = [isLive ? "live" : "not live", isRecorded ? "recorded" : "not recorded"]
        return (jobs + state + (isPaused ? ["paused"] : []) + counts).joined(separator: ", ")
    }
}

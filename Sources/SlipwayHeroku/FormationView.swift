/// What a look at an app's formation says about a release. Pure, so that each case is a line of a test.
struct FormationView: Sendable {
    var formation: [FormationResource]
    var dynos: [DynoResource]
    var version: Int

    enum Verdict: Sendable, Equatable {
        case ready
        case waiting(String)
        /// Runs the release, and ended.
        case crashed(String)
        /// There is nothing to wait for.
        case empty
    }

    /// Like `heroku ps:wait`: every dyno up, on this version or a later one; and as many of them as there should be,
    /// since a dyno that is being replaced is missing for a moment.
    ///
    /// - Parameter type: only this one; nil: all.
    func verdict(of type: String? = nil) -> Verdict {
        let meant = formation.filter { (type == nil || $0.type == type) && $0.type != "release" && $0.quantity > 0 }
        guard !meant.isEmpty else { return .empty }
        var missing: [String] = []
        for part in meant {
            let dynos = dynos.filter { $0.belongs(to: [part]) }.sorted { $0.name < $1.name }
            let current = dynos.filter { ($0.release?.version ?? 0) >= version }
            if let crashed = current.first(where: { $0.state == "crashed" }) {
                return .crashed(crashed.name)
            }
            for dyno in dynos where (dyno.release?.version ?? 0) < version {
                missing.append("\(dyno.name) still on v\(dyno.release?.version ?? 0)")
            }
            for dyno in current where !dyno.isUp { missing.append("\(dyno.name) \(dyno.state)") }
            if current.count < part.quantity {
                missing.append("\(current.count) of \(part.quantity) \(part.type) dynos are there")
            }
        }
        return missing.isEmpty ? .ready : .waiting(missing.joined(separator: ", "))
    }
}

import SlipwayHTTP

/// The version that a request's `Accept` asks for: `application/vnd.heroku+json; version=3`, perhaps with a variant.
struct APIVersion: Sendable, Hashable {
    /// The word after `3.`: `docker-releases`, `sdk`. nil: the published version.
    var variant: String?

    /// - Returns: nil where the media type or its version is missing or another.
    init?(accept: String?) {
        for type in (accept ?? "").split(separator: ",") {
            let parts = type.split(separator: ";").map { $0.filter { $0 != " " } }
            guard parts.first?.lowercased() == "application/vnd.heroku+json" else { continue }
            for parameter in parts.dropFirst() where parameter.hasPrefix("version=") {
                let version = parameter.dropFirst("version=".count)
                if version == "3" { return }
                guard version.hasPrefix("3.") else { continue }
                variant = String(version.dropFirst(2))
                return
            }
        }
        return nil
    }
}

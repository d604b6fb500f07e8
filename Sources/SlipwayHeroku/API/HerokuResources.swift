// The fields of Heroku's objects that a deploy reads, as its schema names them (docs/heroku.md, 4.2).

struct AccountResource: Decodable, Sendable {
    var email: String
    var suspendedAt: String?
    var delinquentAt: String?
}

struct AppResource: Decodable, Sendable {
    var name: String
    /// May carry a random suffix, so it is never built from the name; nil for an app without a domain.
    var webUrl: String?
    var maintenance: Bool?
    /// What runs.
    var stack: Named?
    /// What the next deploy makes it.
    var buildStack: Named?
    var generation: Named?

    struct Named: Decodable, Sendable {
        var name: String
    }

    var takesContainers: Bool { stack?.name == "container" || buildStack?.name == "container" }
    /// Fir has no container registry and another way to attach (docs/heroku.md, 1.6 and 3.1).
    var isCedar: Bool { generation.map { $0.name == "cedar" } ?? true }
}

struct FeatureResource: Decodable, Sendable {
    var enabled: Bool
}

struct FormationResource: Decodable, Sendable {
    var type: String
    var quantity: Int
}

struct ReleaseResource: Decodable, Sendable {
    var id: String
    var version: Int
    /// `pending`, `succeeded`, `failed` or `expired`.
    var status: String
    var current: Bool?
    /// `Deployed web (142013fe2b5c)`: for container releases with twelve digits of an image's digest.
    var description: String?
    /// A URL that opens the output to whoever knows it.
    var outputStreamUrl: String?

    var isPending: Bool { status == "pending" }

    func names(anyOf images: [String]) -> Bool {
        guard let description else { return false }
        return images.contains { description.contains($0.imageDigits) }
    }
}

struct DynoResource: Decodable, Sendable {
    var id: String
    var name: String
    var type: String
    /// `starting`, `up`, `idle`, `crashed`, `down`, …
    var state: String
    var command: String?
    /// A URL that opens the dyno to whoever knows it.
    var attachUrl: String?
    var release: Release?
    var updatedAt: String?

    struct Release: Decodable, Sendable {
        var version: Int
    }

    /// `idle` is a dyno of the smallest sizes asleep, which its next request wakes.
    var isUp: Bool { state == "up" || state == "idle" }

    /// Whether it is one of the dynos that a formation keeps up. A one-off of a process type has that type's name and a
    /// number of its own, far above.
    func belongs(to formation: [FormationResource]) -> Bool {
        formation.contains { part in
            guard part.type == type, part.type != "release" else { return false }
            guard let number = name.split(separator: ".").last.flatMap({ Int($0) }) else { return true }
            return number <= part.quantity
        }
    }
}

struct LogSessionResource: Decodable, Sendable {
    /// A URL that opens the log to whoever knows it.
    var logplexUrl: String
}

extension String {
    /// The twelve digits by which Heroku's descriptions name an image.
    var imageDigits: String {
        String((hasPrefix("sha256:") ? dropFirst("sha256:".count) : self[...]).prefix(12))
    }
}

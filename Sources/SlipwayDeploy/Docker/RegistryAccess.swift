import SlipwayBase
package import SlipwayCore

/// With which logins a Docker command went to registries: what decides what helps where one of them refuses.
package enum RegistryAccess: Sendable {
    /// A platform's own registry, with the login that the platform has for it.
    case platform(RegistryAdvice)
    /// Those of `registries`, whose hosts `known` are, and none of the platforms' registries.
    case images(closed: [PlatformRegistry], known: [String])

    init(pullingImages configuration: Configuration) {
        self = .images(
            closed: configuration.platforms.values.flatMap(\.registries), known: configuration.registries.map(\.host))
    }

    /// What to do where a registry wants another login.
    /// - Parameter host: as it was found in what was said; nil: nobody knows which one it was.
    func advice(refusedBy host: String?) -> String {
        switch self {
        case .platform(let advice): return "; \(advice.refused)"
        case .images(let closed, let known):
            guard let host else {
                return "; if an image is private, give its registry a login in `registries` of the server's file"
            }
            let name = RegistryLogin.canonical(host)
            if let registry = closed.first(where: { $0.host == name }) {
                return
                    "; \(host) refused: a build gets no login of \(registry.owner)'s registry, because whoever pushes could "
                    + "then read every app's image: take the base image from another registry"
            }
            guard !known.contains(name) else {
                return
                    "; \(host) refused the login that it has in `registries`: check its user and password, and the image's name"
            }
            return
                "; \(host) refused: check the image's name, and if it is private, give \(host) a login in `registries` of the "
                + "server's file (a `docker login` of this user's is not used)"
        }
    }

    /// What to do where a registry does not answer.
    func advice(unreachable host: String?) -> String {
        if case .platform(let advice) = self { return "; \(advice.unreachable)" }
        return "; is the registry \(host.map { "\($0) " } ?? "")up, and does the engine reach it?"
    }

    /// What to do where a registry is in trouble.
    var adviceOfFailing: String {
        if case .platform(let advice) = self { return "; \(advice.failing)" }
        return "; the registry is in trouble: deploy again later"
    }

    /// What to do where a registry has given enough to strangers.
    func advice(limitedBy host: String?) -> String {
        if case .platform = self { return "; the registry asks for patience: deploy again later" }
        let host = host ?? RegistryLogin.dockerHub
        return "; \(host) gives more to those who log in: give it a login in `registries` of the server's file"
    }
}

/// What a platform says to do where its registry does not do as it should: each a clause, as it follows a semicolon.
package struct RegistryAdvice: Sendable, Hashable {
    /// It does not take the login.
    package var refused: String
    package var unreachable: String
    /// It answers that it is in trouble.
    package var failing: String
    /// It does not take images of this form.
    package var form: String

    package init(refused: String, unreachable: String, failing: String, form: String) {
        self.refused = refused
        self.unreachable = unreachable
        self.failing = failing
        self.form = form
    }
}

extension RegistryAccess {
    /// The registry that an image's name begins with.
    static func host(of image: some StringProtocol) -> String {
        guard let slash = image.firstIndex(of: "/") else { return RegistryLogin.dockerHub }
        let first = image[..<slash]
        let isHost = first.contains(".") || first.contains(":") || first == "localhost"
        return isHost ? String(first) : RegistryLogin.dockerHub
    }
}

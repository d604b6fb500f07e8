import SlipwayBase
import SlipwayCore

/// With which logins a Docker command went to registries: what decides which key of the configuration helps where one
/// of them refuses.
enum RegistryAccess: Sendable {
    /// Heroku's registry by `heroku.api_key`; the value is its host.
    case platform(String)
    /// Those of `registries`, whose hosts `known` are, and none of Heroku's registry.
    case images(heroku: String, known: [String])

    init(pullingImages configuration: Configuration) {
        self = .images(
            heroku: RegistryLogin.canonical(configuration.heroku.registry), known: configuration.registries.map(\.host))
    }

    /// What to do where a registry wants another login.
    /// - Parameter host: as it was found in what was said; nil: nobody knows which one it was.
    func advice(refusedBy host: String?) -> String {
        switch self {
        case .platform(let registry):
            return "; \(registry) refused: check heroku.api_key, and that its account may deploy this app"
        case .images(let heroku, let known):
            guard let host else {
                return "; if an image is private, give its registry a login in `registries` of the server's file"
            }
            let name = RegistryLogin.canonical(host)
            if name == heroku {
                return
                    "; \(host) refused: a build gets no login of Heroku's registry, because whoever pushes could then read "
                    + "every app's image: take the base image from another registry"
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
        if case .platform = self {
            return "; is the registry that heroku.registry names up, and does the engine reach it?"
        }
        return "; is the registry \(host.map { "\($0) " } ?? "")up, and does the engine reach it?"
    }

    /// What to do where a registry has given enough to strangers.
    func advice(limitedBy host: String?) -> String {
        if case .platform = self { return "; the registry asks for patience: deploy again later" }
        let host = host ?? RegistryLogin.dockerHub
        return "; \(host) gives more to those who log in: give it a login in `registries` of the server's file"
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

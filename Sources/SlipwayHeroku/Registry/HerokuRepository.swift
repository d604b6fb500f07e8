import SlipwayCore
import SlipwayDeploy

/// Where Heroku's registry has the image of one process type of an app.
struct HerokuRepository: Sendable, Hashable {
    /// `my-app/web`.
    let path: String

    init(_ target: Target, _ type: String) {
        path = "\(target.place.name)/\(type)"
    }

    /// As Docker calls it.
    func name(at registry: String) -> String { "\(registry)/\(path)" }
}

extension HerokuPlatform {
    /// The user's name at Heroku's registry is `_`, the password the API key.
    var login: DockerConfiguration.Login {
        DockerConfiguration.Login(address: settings.registry, user: "_", password: settings.apiKey)
    }

    var access: RegistryAccess {
        .platform(
            RegistryAdvice(
                refused: "\(settings.registry) refused: check heroku.api_key, and that its account may deploy this app",
                unreachable: "is the registry that heroku.registry names up, and does the engine reach it?",
                failing: "the registry is in trouble: see status.heroku.com, and deploy again",
                form: "the image is an OCI image or an index, Heroku takes Docker schema 2 only: turn the engine's "
                    + "containerd image store off"))
    }
}

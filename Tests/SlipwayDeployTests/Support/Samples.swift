import SlipwayBase
import SlipwayCore
import SlipwayHeroku
import TestSamples

/// Of the app that is deployed here.
enum Samples {
    static let commit = CommitID.sample("a")
    static let plan = plan(target: "homolog")

    static func plan(
        _ kind: Trigger.Kind = .push, target: String?, ref: String = "refs/heads/main", commit: CommitID? = commit
    ) -> Plan {
        .sample("my_app", target, kind, ref: ref, commit: commit)
    }

    static func configuration(
        data: String, apps: [App], registry: String = "registry.heroku.com", key: String = "heroku-key-0123456789",
        token: String? = nil
    ) -> Configuration {
        var heroku = HerokuSettings(apiKey: Secret(key))
        heroku.registry = registry
        return Configuration(
            server: ServerSettings(host: "127.0.0.1", port: 0, data: data), platforms: [heroku],
            github: GitHubSettings(token: token.map { Secret($0) }), apps: apps,
            secrets: [Secret(key)] + (token.map { [Secret($0)] } ?? []))
    }
}

extension Configuration {
    mutating func heroku(_ change: (inout HerokuSettings) -> Void) {
        guard var settings = settings(of: HerokuSettings.self) else { return }
        change(&settings)
        platforms[HerokuSettings.platform] = settings
    }
}

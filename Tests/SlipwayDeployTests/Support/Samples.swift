import SlipwayBase
import SlipwayCore
import SlipwayHeroku

enum Samples {
    static let commit = CommitID("0123456789abcdef0123456789abcdef01234567")!
    static let plan = plan(target: "homolog")

    static func plan(
        _ kind: Trigger.Kind = .push, target: String?, ref: String = "refs/heads/main", commit: CommitID? = commit
    ) -> Plan {
        Plan(
            app: "my_app", target: target,
            trigger: Trigger(kind: kind, ref: ref, delivery: "d", by: "ada"), commit: Commit(id: commit))
    }

    static func rollback(to release: Release) -> Plan {
        Plan(
            app: release.app, target: release.target, trigger: .rollback(to: release, delivery: "d", by: "ada"),
            commit: Commit(id: release.commit))
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

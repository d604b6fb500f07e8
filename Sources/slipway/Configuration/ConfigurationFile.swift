import Foundation
import SlipwayBase
import SlipwayCore
import Yams

/// The configuration file: YAML in, `Configuration` or everything that is wrong with it out.
///
/// What each section takes stands in `ConfigurationFile+Server.swift`, `+Apps.swift` and `+Targets.swift`, key by key
/// in the order of the documented sample.
enum ConfigurationFile {
    static func read(
        at path: String, environment: Environment = Environment(), weakSecrets: WeakSecrets = .refused
    ) throws(ConfigurationError) -> Configuration {
        let text: String
        do throws(SecretFile.Unreadable) {
            text = try SecretFile.decode(SecretFile.bytes(at: path))
        } catch {
            let problem = ConfigurationError.Problem(message: "the configuration cannot be read: \(error.reason)")
            throw ConfigurationError(file: path, problems: [problem])
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return try parse(text, file: path, folder: folder, environment: environment, weakSecrets: weakSecrets)
    }

    /// - Parameters:
    ///   - file: how reports name it.
    ///   - folder: where relative paths of this machine begin.
    static func parse(
        _ text: String, file: String, folder: String, environment: Environment, weakSecrets: WeakSecrets = .refused
    ) throws(ConfigurationError) -> Configuration {
        let reading = Reading(environment: environment, folder: folder)
        var configuration: Configuration?
        do {
            switch try Yams.compose(yaml: text) {
            case .mapping(let mapping)?:
                let root = Section(mapping, path: "", line: 1, reading: reading)
                configuration = root.configuration(reading)
                root.close()
            case nil: reading.report("the file is empty", line: nil)
            case let node?:
                reading.report(
                    "must be a mapping with server, \(KnownPlatforms.all.map(\.key).joined(separator: ", ")) and apps",
                    line: node.mark?.line)
            }
        } catch let error as YamlError {
            reading.report(error.sentence, line: error.line)
        } catch {
            reading.report("\(error)", line: nil)
        }
        let data = configuration?.server.data ?? ""
        reading.close(weakSecrets, isFirstStart: access(data + "/slipway.db", F_OK) != 0)
        guard var configuration, reading.problems.isEmpty else {
            throw ConfigurationError(file: file, problems: reading.problems)
        }
        configuration.warnings = ConfigurationError(file: file, problems: reading.warnings).lines
        return configuration
    }
}

extension Section {
    fileprivate func configuration(_ reading: Reading) -> Configuration {
        let server = required("server")?.section(\.serverSettings)
        let platforms = platforms
        let github = self["github"]?.section(\.gitHubSettings)
        let registries = self["registries"]?.registryLogins(besides: platforms.flatMap(\.registries))
        let build = self["build"]?.section(\.buildSettings) ?? BuildSettings()
        let apps = required("apps")?.section(\.apps)
        checkAcross(apps ?? [], server)
        checkFrontends(of: apps ?? [], build)
        var configuration = Configuration(
            server: server ?? ServerSettings(host: "", port: 0, data: ""),
            platforms: platforms,
            github: github ?? GitHubSettings(),
            apps: apps?.map(\.app) ?? [],
            secrets: reading.hidden)
        configuration.registries = registries ?? []
        configuration.build = build
        return configuration
    }

    private func checkFrontends(of apps: [PlacedApp], _ build: BuildSettings) {
        for placed in apps {
            let argument = placed.app.build.arguments.first { $0.name == Frontends.argument }?.value
            guard let image = argument?.prefix(while: { $0 != " " }), !build.frontends.allows(String(image)) else {
                continue
            }
            placed.value.report(
                "build.args.\(Frontends.argument) names a frontend that is not in build.frontends: add it there, or take "
                    + "the argument away")
        }
    }

    /// What concerns several sections at once.
    private func checkAcross(_ apps: [PlacedApp], _ server: ServerSettings?) {
        for placed in apps where placed.app.webhookSecrets.isEmpty && server?.webhookSecrets.isEmpty == true {
            placed.value.report("has no webhook secret: set server.webhook_secrets or its own webhook_secrets")
        }
        var owners: [Place: String] = [:]
        for placed in apps.flatMap(\.targets) {
            let place = placed.target.place
            if let owner = owners[place], let wiring = KnownPlatforms.all.first(where: { $0.key == place.platform }) {
                placed.value.report("the \(wiring.placeWords) `\(place.name)` belongs to \(owner) already")
            }
            owners[place] = owners[place] ?? placed.name
        }
    }
}

extension YamlError {
    /// Never with the source text, which may hold secrets.
    fileprivate var sentence: String {
        switch self {
        case .reader(let problem, _, _, _): "is not YAML: \(problem)"
        case .scanner(let context, let problem, _, _), .parser(let context, let problem, _, _),
            .composer(let context, let problem, _, _):
            "is not YAML: " + (context.map { "\($0.text) of line \($0.mark.line), " } ?? "") + problem
                + Self.hint(context?.text ?? "", problem)
        case .duplicatedKeysInMapping(let keys, _):
            keys.count == 1
                ? "`\(keys[0])` stands twice in this mapping"
                    + (keys[0] == "<<" ? "; merge several by <<: [*a, *b]" : "")
                : "these keys stand twice in one mapping: \(keys.joined(separator: ", "))"
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded: "cannot be read as YAML"
        }
    }

    /// By libyaml's words for the commonest mistakes.
    private static func hint(_ context: String, _ problem: String) -> String {
        if problem.hasSuffix("cannot start any token") { return "; indent by spaces, not by a tab" }
        if context.contains("scanning an alias") { return "; a value that begins with * stands in quotes" }
        if context.contains("scanning a tag") { return "; a value that begins with ! stands in quotes" }
        return ""
    }

    fileprivate var line: Int? {
        switch self {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        case .duplicatedKeysInMapping(_, let context): context.mark.line
        default: nil
        }
    }
}

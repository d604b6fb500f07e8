import Foundation

/// What of the operator's own Docker settings matters to builds: the proxies that `docker build` and `docker create`
/// hand on, by engine or for all (`default`), and where plugins are. Never their logins.
package struct DockerSettings: Sendable, Hashable {
    package var proxies: [String: [String: String]]?
    package var pluginFolders: [String] = []

    package init() {}

    /// Of the folder that `DOCKER_CONFIG` names, else of the home's `.docker`. Without a file, or with one that Docker
    /// itself could not read, there are none.
    package init(environment: [String: String]) {
        let named = environment["DOCKER_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        guard let folder = named ?? environment["HOME"].map({ $0 + "/.docker" }),
            let data = FileManager.default.contents(atPath: folder + "/config.json")
        else { return }
        let decoder = JSONDecoder()
        proxies = try? decoder.decode(Proxies.self, from: data).proxies
        pluginFolders = (try? decoder.decode(Plugins.self, from: data).cliPluginsExtraDirs) ?? []
        if named != nil { pluginFolders.append(folder + "/cli-plugins") }
    }

    // Apart, so that one key of a wrong type does not cost the other.
    private struct Proxies: Decodable {
        var proxies: [String: [String: String]]?
    }

    private struct Plugins: Decodable {
        var cliPluginsExtraDirs: [String]?
    }
}

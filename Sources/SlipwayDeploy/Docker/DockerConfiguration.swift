import Foundation
package import SlipwayBase
package import SlipwayCore

/// A `DOCKER_CONFIG` folder of one job's own, readable by nobody else: the logins that its commands need and no other,
/// and what of the operator's own Docker settings matters to builds.
///
/// `docker login` would put a key into the operator's configuration, or ask for a credential store.
package struct DockerConfiguration: Sendable {
    package let folder: String

    /// One login of the folder's.
    package struct Login: Sendable {
        /// As Docker's configuration names the registry.
        let address: String
        let user: String
        let password: Secret

        package init(_ login: RegistryLogin) {
            // The name that Docker Hub's login has had since its first API.
            let address = login.host == RegistryLogin.dockerHub ? "https://index.docker.io/v1/" : login.host
            self.init(address: address, user: login.user, password: login.password)
        }

        package init(address: String, user: String, password: Secret) {
            self.address = address
            self.user = user
            self.password = password
        }
    }

    /// - Parameters:
    ///   - settings: the operator's own, whose logins are left behind.
    ///   - home: of the user that runs this server, where their CLI plugins are.
    package init(folder: String, logins: [Login], settings: DockerSettings = DockerSettings(), home: String? = nil)
        throws
    {
        self.folder = folder
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        var auths: [String: ConfigFile.Auth] = [:]
        for login in logins {
            let auth = Data("\(login.user):\(login.password.revealed)".utf8).base64EncodedString()
            auths[login.address] = .init(auth: auth)
        }
        let file = ConfigFile(
            auths: auths, proxies: settings.proxies,
            // These plugins are looked for in the user's own folder, which this one replaces.
            cliPluginsExtraDirs: (home.map { [$0 + "/.docker/cli-plugins"] } ?? []) + settings.pluginFolders)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let made = files.createFile(
            atPath: folder + "/config.json", contents: try encoder.encode(file),
            attributes: [.posixPermissions: 0o600])
        guard made else { throw StepFailure("\(folder)/config.json cannot be written; is the disk full?") }
    }

    package func delete() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private struct ConfigFile: Encodable {
        struct Auth: Encodable {
            var auth: String
        }

        var auths: [String: Auth]
        var proxies: [String: [String: String]]?
        var cliPluginsExtraDirs: [String]
    }
}

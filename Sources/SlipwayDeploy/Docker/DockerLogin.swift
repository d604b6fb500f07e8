import Foundation
package import SlipwayBase

/// A `DOCKER_CONFIG` folder of one job's own, readable by nobody else, with the login of one registry.
///
/// `docker login` would put the key into the operator's configuration, or ask for a credential store.
package struct DockerLogin: Sendable {
    package let folder: String

    /// - Parameter key: the password; the user name is `_`, as Heroku's registry has it.
    package init(folder: String, registry: String, key: Secret, home: String? = nil) throws {
        self.folder = folder
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let auth = Data("_:\(key.revealed)".utf8).base64EncodedString()
        let file = ConfigFile(
            auths: [registry: .init(auth: auth)],
            // The plugins of the user that runs slipway are looked for in their DOCKER_CONFIG, which this replaces.
            cliPluginsExtraDirs: home.map { [$0 + "/.docker/cli-plugins"] } ?? [])
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
        var cliPluginsExtraDirs: [String]
    }
}

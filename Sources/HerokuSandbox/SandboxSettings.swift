package import SlipwayBase

/// What a sandbox is given when it starts.
package struct SandboxSettings: Sendable {
    /// Where the API, the rendezvous and the apps listen; a loopback address, since dynos are strangers' code.
    package var host = "127.0.0.1"
    /// Of the API; 0: any free one.
    package var port = 0
    /// Of the rendezvous; 0: any free one.
    package var rendezvousPort = 0
    /// What clients show, as `Bearer` or as the password of Basic.
    package var apiKey: Secret
    /// `host:port` of a registry with Basic authentication; TLS unless loopback.
    package var registry: String
    /// The registry's password for user `_`.
    package var registryPassword: Secret
    /// The Docker CLI.
    package var docker = "docker"
    /// `DOCKER_HOST` of the engine; nil: the CLI's own choice.
    package var dockerHost: String?
    /// PEM files of the rendezvous' certificate chain and key.
    package var certificate: String
    package var key: String
    /// A folder of this sandbox's own; made if it is missing. Containers carry its path as a label, by which those that a
    /// crash left behind are found at the next start.
    package var folder: String
    /// The account's address.
    package var email = "sandbox@example.com"
    /// Limits of each dyno, as `docker create` takes them.
    package var memory = "512m"
    package var processes = 256
    package var behaviour = Behaviour()

    package init(
        apiKey: Secret, registry: String, registryPassword: Secret, certificate: String, key: String, folder: String
    ) {
        self.apiKey = apiKey
        self.registry = registry
        self.registryPassword = registryPassword
        self.certificate = certificate
        self.key = key
        self.folder = folder
    }
}

package enum SandboxError: Error, Sendable, CustomStringConvertible {
    case engine(command: String, status: Int, output: String)
    case executableMissing(String)
    case registry(String)
    case folder(String)

    package var description: String {
        switch self {
        case .engine(let command, let status, let output):
            "docker \(command) ended with \(status): \(output.singleLine()); is the engine of DOCKER_HOST running?"
        case .executableMissing(let path): "there is no Docker CLI at \(path); set docker in the sandbox's settings"
        case .registry(let reason): "the registry \(reason)"
        case .folder(let reason): "the sandbox's folder \(reason)"
        }
    }
}

/// A container to be made for a dyno.
struct ContainerSpec: Sendable {
    var name: String
    /// `registry/repository@sha256:…`.
    var image: String
    var environment: [String: String]
    /// nil: the image's own.
    var entrypoint: String?
    /// Empty: the image's own command.
    var arguments: [String] = []
    /// Its standard input stays open for whoever attaches.
    var isAttached = false
    /// nil: the image's own.
    var user: String?
    var memory: String
    var processes: Int

    /// Of `docker create`. Values of variables travel in the client's environment: arguments are seen by every user of
    /// the machine. Those that the client itself would obey are the exception.
    func arguments(label: String) -> [String] {
        var arguments = [
            "create", "--name", name, "--label", label, "--network", "host", "--init", "--log-driver", "json-file",
            "--memory", memory, "--pids-limit", String(processes), "--cap-drop", "ALL",
            "--security-opt", "no-new-privileges",
        ]
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            arguments += ["--env", Self.isObeyedByClient(name) ? "\(name)=\(value)" : name]
        }
        if isAttached { arguments.append("--interactive") }
        if let user { arguments += ["--user", user] }
        if let entrypoint { arguments += ["--entrypoint", entrypoint] }
        return arguments + [image] + self.arguments
    }

    var clientEnvironment: [String: String] { environment.filter { !Self.isObeyedByClient($0.key) } }

    private static func isObeyedByClient(_ name: String) -> Bool {
        name.hasPrefix("DOCKER_") || name == "PATH" || name == "HOME" || name == "TMPDIR"
            || name.uppercased().hasSuffix("_PROXY") || name.hasPrefix("LD_") || name.hasPrefix("GO")
    }
}

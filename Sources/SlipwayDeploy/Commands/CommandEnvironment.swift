import Foundation

/// The environment that commands start from: what the operator set for finding programs and the engine, and nothing
/// of our own. Our process's environment holds the API keys that `${…}` read.
package enum CommandEnvironment {
    private static let common = ["PATH", "HOME", "TMPDIR"]
    private static let network = [
        "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "ALL_PROXY", "https_proxy", "http_proxy", "no_proxy", "all_proxy",
        "SSL_CERT_FILE", "SSL_CERT_DIR",
    ]

    /// For git: proxies, roots and the agent that holds a deploy key.
    package static func git(from environment: [String: String] = ProcessInfo.processInfo.environment)
        -> [String: String]
    {
        pick(common + network + ["SSH_AUTH_SOCK", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"], from: environment)
    }

    /// For the Docker CLI: where the engine is and how to reach it.
    package static func docker(from environment: [String: String] = ProcessInfo.processInfo.environment)
        -> [String: String]
    {
        pick(
            common + network + ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "SSH_AUTH_SOCK"],
            from: environment)
    }

    private static func pick(_ names: [String], from environment: [String: String]) -> [String: String] {
        var picked = environment.filter { names.contains($0.key) }
        if picked["PATH"] == nil { picked["PATH"] = "/usr/local/bin:/usr/bin:/bin" }
        // English, so that what a command says can be recognised; UTF-8, so that names come through.
        picked["LANG"] = "C.UTF-8"
        return picked
    }
}

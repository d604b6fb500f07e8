import Foundation

/// What the demo needs of the machine: an engine, a registry with a password, and the files of the repository.
struct DemoSettings: Sendable {
    let docker: String
    let registry: String
    let registryPassword: String
    let share: String

    struct Missing: Error {
        let message: String
    }

    init(environment: [String: String] = ProcessInfo.processInfo.environment) throws(Missing) {
        guard let registry = environment["SLIPWAY_REGISTRY"], !registry.isEmpty,
            let password = environment["SLIPWAY_REGISTRY_PASSWORD"], !password.isEmpty
        else {
            throw Missing(
                message: "the demo needs a Docker engine and a registry: `make demo` starts both, or run "
                    + "`scripts/with-parts slipway demo` (it sets SLIPWAY_REGISTRY and SLIPWAY_REGISTRY_PASSWORD)")
        }
        guard let share = Share.folder(environment: environment),
            FileManager.default.fileExists(atPath: share + "/examples/hello")
        else {
            throw Missing(
                message: "the demo's files are not found: run it in Slipway's source folder, or set SLIPWAY_SHARE to "
                    + "the folder that holds Public/ and examples/")
        }
        docker = environment["SLIPWAY_DOCKER"] ?? "docker"
        self.registry = registry
        registryPassword = password
        self.share = share
    }
}

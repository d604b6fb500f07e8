import Foundation
import SlipwayBase
import SlipwayCore
import TestSupport
import Testing

@testable import SlipwayDeploy

/// The real engine and the real registry, with a base image of a static busybox.
struct Parts: Sendable {
    static let image = "slipway-test/busybox:1"

    let registry: String
    let key: String
    let docker: DockerEngine
    /// Made once for all tests of a run.
    private static let base = Task { try await makeBase() }

    init() async throws {
        let environment = ProcessInfo.processInfo.environment
        let names = ["DOCKER_HOST", "SLIPWAY_REGISTRY", "SLIPWAY_REGISTRY_PASSWORD"]
        let missing = names.filter { environment[$0] == nil }
        try #require(
            missing.isEmpty, "run `make test`, it starts a Docker engine and a registry: \(missing) not set")
        registry = environment["SLIPWAY_REGISTRY"] ?? ""
        key = environment["SLIPWAY_REGISTRY_PASSWORD"] ?? ""
        docker = DockerEngine()
        try await Self.base.value
    }

    /// A name that no other test uses, one that Heroku would take.
    static func herokuApp() -> String { "app-" + UUID().uuidString.lowercased().prefix(18) }

    func run(_ arguments: String...) async throws -> CommandResult { try await run(arguments) }

    func run(_ arguments: [String]) async throws -> CommandResult {
        let commands = try await docker.commands(configuration: nil)
        return try await CommandRunner().collect(
            Command(commands.executable, arguments, environment: commands.environment))
    }

    func containers(of instance: String) async throws -> [Substring] {
        try await run("ps", "--all", "--quiet", "--no-trunc", "--filter", "label=io.slipway.instance=\(instance)").text
            .split(separator: "\n")
    }

    private static func makeBase() async throws {
        let folder = try TemporaryFolder()
        let root = folder.path + "/root"
        let files = FileManager.default
        for name in ["bin", "tmp", "etc", "root"] {
            try files.createDirectory(atPath: root + "/" + name, withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: "/bin/busybox", toPath: root + "/bin/busybox")
        for name in ["sh", "cat", "echo", "ls", "id", "sleep", "touch", "true", "env", "head", "rm", "mkdir", "chown"] {
            try files.createSymbolicLink(atPath: root + "/bin/" + name, withDestinationPath: "busybox")
        }
        let commands = try await DockerEngine().commands(configuration: nil)
        for command in [
            Command(
                "tar", ["--create", "--file", folder.path + "/root.tar", "--directory", root, "."],
                environment: commands.environment),
            Command(
                commands.executable, ["import", folder.path + "/root.tar", image], environment: commands.environment),
        ] {
            let result = try await CommandRunner().collect(command)
            try #require(result.succeeded, "\(command): \(result.lastWords)")
        }
    }
}

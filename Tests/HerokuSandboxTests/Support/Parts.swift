import Foundation
import Subprocess
import SystemPackage
import TestSupport

/// The real parts that these tests stand on.
struct Parts: Sendable {
    var dockerHost: String
    var docker: String
    var registry: String
    var password: String

    struct Missing: Error, CustomStringConvertible {
        var names: [String]

        var description: String {
            "\(names.joined(separator: ", ")) not set: run `make test`, it starts a Docker engine and a registry"
        }
    }

    static func fromEnvironment() throws -> Parts {
        let environment = ProcessInfo.processInfo.environment
        let names = ["DOCKER_HOST", "SLIPWAY_DOCKER", "SLIPWAY_REGISTRY", "SLIPWAY_REGISTRY_PASSWORD"]
        let missing = names.filter { environment[$0, default: ""].isEmpty }
        guard missing.isEmpty else { throw Missing(names: missing) }
        let values = names.map { environment[$0, default: ""] }
        return Parts(dockerHost: values[0], docker: values[1], registry: values[2], password: values[3])
    }
}

struct CommandFailed: Error, CustomStringConvertible {
    var description: String
}

/// Runs a line as an operator would type it.
/// - Returns: what it prints, without the last line end.
@discardableResult
func sh(_ line: String, _ environment: [String: String] = [:]) async throws -> String {
    var updates: [Environment.Key: String?] = [:]
    for (name, value) in environment {
        if let key = Environment.Key(rawValue: name) { updates[key] = value }
    }
    let ended = try await Subprocess.run(
        .path("/bin/sh"), arguments: ["-euc", line], environment: .inherit.updating(updates), input: .none,
        output: .string(limit: 1 << 20), error: .combinedWithOutput)
    guard ended.terminationStatus.isSuccess else {
        throw CommandFailed(description: "\(line): \(ended.terminationStatus): \(ended.standardOutput)")
    }
    return ended.standardOutput.hasSuffix("\n") ? String(ended.standardOutput.dropLast()) : ended.standardOutput
}

/// A folder of a test's own.
func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try await body(folder.path)
}

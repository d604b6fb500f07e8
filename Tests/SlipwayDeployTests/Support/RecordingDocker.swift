import Foundation
import TestSupport
import Testing

@testable import SlipwayDeploy

/// The docker CLI behind a script that writes down what it is called with, a line for each call; if wanted it says that it
/// is a newer one without buildx, which builds with the engine's first builder.
struct RecordingDocker: Sendable {
    let folder: TemporaryFolder
    let engine: DockerEngine

    init(isClassic: Bool = false, memory: String? = nil) async throws {
        folder = try TemporaryFolder()
        let docker = try await DockerEngine().commands(configuration: nil).executable
        try folder.write(
            """
            #!/bin/sh
            echo "$*" >>\(folder.path)/calls
            if [ \(isClassic) = true ]; then
                case "$*" in
                'version --format {{.Client.Version}}') echo 99.0.0; exit ;;
                buildx*) exit 1 ;;
                esac
            fi
            exec \(docker) "$@"

            """, to: "docker")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path + "/docker")
        engine = DockerEngine(
            environment: ProcessInfo.processInfo.environment.merging(["SLIPWAY_DOCKER": folder.path + "/docker"]) {
                $1
            },
            memory: memory)
    }

    var calls: [String] { ((try? folder.read("calls")) ?? "").split(separator: "\n").map(String.init) }

    var builds: [String] { calls.filter { $0.hasPrefix("build ") || $0.hasPrefix("buildx build ") } }
}

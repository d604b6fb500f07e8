import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayDeploy

/// The programs that jobs run: git, and docker with an engine behind it.
struct ToolCheck {
    private let runner = CommandRunner()

    func git() async -> [Finding] {
        await findings("git") {
            let result = try await runner.collect(Command("git", ["version"], environment: CommandEnvironment.git()))
            guard let version = Version(in: result.text) else {
                return [
                    .error("git: `git version` says “\(result.text.trimmed.singleLine())”; install git 2.31 or newer")
                ]
            }
            // GIT_CONFIG_COUNT, by which git gets tokens out of sight, came with 2.31.
            guard version >= Version(2, 31) else {
                return [.error("git: version \(version) is too old; install git 2.31 or newer")]
            }
            return [.ok("git: version \(version)")]
        }
    }

    func docker() async -> [Finding] {
        await findings("docker") {
            let executable = ProcessInfo.processInfo.environment["SLIPWAY_DOCKER"] ?? "docker"
            let commands = DockerCommands(executable: executable, environment: CommandEnvironment.docker())
            let platform = try await runner.collect(
                Command(
                    executable, ["version", "--format", "{{.Server.Os}}/{{.Server.Arch}} {{.Server.Version}}"],
                    environment: CommandEnvironment.docker()))
            guard platform.succeeded else {
                return [
                    .error(
                        "docker: no engine answers (\(platform.lastLine.singleLine())); start it, let this user use its "
                            + "socket, or set DOCKER_HOST")
                ]
            }
            let words = platform.text.trimmed.split(separator: " ").map(String.init)
            guard words.first == DockerCommands.platform else {
                return [
                    .error(
                        "docker: the engine is \(words.first ?? "unknown"); Heroku runs \(DockerCommands.platform) only"
                    )
                ]
            }
            let hasBuildx = try await runner.collect(commands.buildxVersion()).succeeded
            let client = try await runner.collect(commands.clientVersion()).text.trimmed
            let builder = DockerBuilder(hasBuildx: hasBuildx, clientVersion: client)
            return [
                .ok("docker: engine \(words.dropFirst().joined(separator: " ")) on \(words[0]), \(builder.sentence)")
            ]
        }
    }

    private func findings(_ tool: String, _ look: () async throws -> [Finding]) async -> [Finding] {
        do {
            return try await look()
        } catch {
            return [.error("\(tool): \(error); install it, or set PATH")]
        }
    }
}

extension DockerBuilder {
    fileprivate var sentence: String {
        switch self {
        case .buildx: "builds with BuildKit by buildx"
        case .buildKit: "builds with BuildKit"
        case .classic: "builds without BuildKit: install docker-buildx for Dockerfiles that need it"
        }
    }
}

/// The first two numbers of a program's version.
struct Version: Comparable, CustomStringConvertible {
    let major: Int
    let minor: Int

    init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// The first `1.2` in a text.
    init?(in text: String) {
        guard let match = text.firstMatch(of: /([0-9]{1,6})\.([0-9]{1,6})/)?.output,
            let major = Int(match.1), let minor = Int(match.2)
        else { return nil }
        self.init(major, minor)
    }

    static func < (left: Version, right: Version) -> Bool { (left.major, left.minor) < (right.major, right.minor) }

    var description: String { "\(major).\(minor)" }
}

import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP

/// What the demo needs before anything can be pushed.
extension Demo {
    func checkEngine() async throws {
        let result = try await command(settings.docker, ["version", "--format", "{{.Server.Version}}"])
        guard result.succeeded else {
            throw Failure(
                reason: "no Docker engine answers (\(result.lastLine.singleLine())); `make demo` starts one")
        }
        try say("Docker engine \(result.text.trimmed), registry \(settings.registry)")
    }

    /// The example's base image is made on this machine: nothing is downloaded.
    func makeBaseImage() async throws {
        let image = "slipway-examples/busybox"
        if try await command(settings.docker, ["image", "inspect", image]).succeeded { return }
        let result = try await command(settings.share + "/scripts/base-images", ["busybox"], within: .seconds(60))
        guard result.succeeded else {
            throw Failure(reason: "the base image \(image) could not be made: \(result.lastLine.singleLine())")
        }
        try say("base image \(image)")
    }

    /// - Returns: the commit's id.
    func makeRepository() async throws -> String {
        let repository = folder + "/hello"
        try FileManager.default.copyItem(atPath: settings.share + "/examples/hello", toPath: repository)
        try await git(["init", "--quiet", "--initial-branch=main"], in: repository)
        // The repository's own, so that people's commits in it need no settings of this machine either.
        for (key, value) in [
            ("user.name", "Slipway Demo"), ("user.email", "demo@example.com"), ("commit.gpgsign", "false"),
        ] {
            try await git(["config", key, value], in: repository)
        }
        try await git(["add", "--all"], in: repository)
        try await git(["commit", "--quiet", "--message", "Say hello"], in: repository)
        return try await git(["rev-parse", "HEAD"], in: repository)
    }

    @discardableResult
    private func git(_ arguments: [String], in repository: String) async throws -> String {
        let result = try await command("git", ["-C", repository] + arguments)
        guard result.succeeded else { throw Failure(reason: "git \(arguments[0]): \(result.lastLine.singleLine())") }
        return result.text.trimmed
    }

    func command(_ executable: String, _ arguments: [String], within limit: Duration = .seconds(30)) async throws
        -> CommandResult
    {
        var environment = CommandEnvironment.docker()
        environment["SLIPWAY_DOCKER"] = settings.docker
        do {
            return try await CommandRunner().collect(
                Command(executable, arguments, environment: environment), within: limit)
        } catch let error as CommandError {
            throw Failure(reason: "\(error)")
        }
    }

    /// What the job built, by the label that carries its commit.
    static func removeImages(of commit: String, _ settings: DemoSettings) async {
        guard !commit.isEmpty else { return }
        let environment = CommandEnvironment.docker()
        let list = Command(
            settings.docker,
            ["image", "ls", "--quiet", "--no-trunc", "--filter", "label=org.opencontainers.image.revision=\(commit)"],
            environment: environment)
        guard let found = try? await CommandRunner().collect(list), found.succeeded else { return }
        let images = Set(found.text.split(whereSeparator: \.isNewline).map(String.init)).sorted()
        guard !images.isEmpty else { return }
        _ = try? await CommandRunner().collect(
            Command(settings.docker, ["image", "rm", "--force"] + images, environment: environment))
    }
}

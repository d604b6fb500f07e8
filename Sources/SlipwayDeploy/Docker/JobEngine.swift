import Foundation
package import SlipwayBase
package import SlipwayCore

/// The Docker engine as the steps of one job use it: with a `DOCKER_CONFIG` of the job's own, its labels, and the job's
/// secrets taken out of what Docker says.
package struct JobEngine: Sendable {
    package let docker: DockerEngine
    package let runner: CommandRunner
    /// The job's, which goes with it.
    package let folder: String
    let instance: String
    let job: JobID
    private let redactor: Redactor
    private let configuration: Configuration

    package init(
        _ docker: DockerEngine, _ runner: CommandRunner, folder: String, instance: String, job: JobID,
        redactor: Redactor, configuration: Configuration
    ) {
        self.docker = docker
        self.runner = runner
        self.folder = folder
        self.instance = instance
        self.job = job
        self.redactor = redactor
        self.configuration = configuration
    }

    // MARK: Commands

    /// Commands of builds and tests, which show registries the logins of `registries`. A repository chooses the images
    /// there: with a login of a platform's registry whoever pushes could read the images of every app there.
    package func commands() async throws -> DockerCommands {
        try await commands("images", configuration.registries.map { .init($0) })
    }

    /// Commands of pushes to a platform's registry, and of what is pulled back from there.
    package func commands(loggedInAs login: DockerConfiguration.Login) async throws -> DockerCommands {
        try await commands("platform", [login])
    }

    private func commands(_ name: String, _ logins: [DockerConfiguration.Login]) async throws -> DockerCommands {
        let folder = "\(folder)/docker-\(name)"
        if !FileManager.default.fileExists(atPath: folder + "/config.json") {
            _ = try DockerConfiguration(folder: folder, logins: logins, settings: docker.settings, home: docker.home)
        }
        return try await docker.commands(configuration: folder)
    }

    var pulling: RegistryAccess { RegistryAccess(pullingImages: configuration) }

    package func check(_ result: CommandResult, _ what: String, _ access: RegistryAccess? = nil) throws {
        guard result.succeeded else { throw StepFailure(DockerRefusal.sentence(what, redacted(result), access)) }
    }

    /// Before a sentence is made of it: of a secret that the sentence cuts in two nobody would find the half.
    package func redacted(_ result: CommandResult) -> CommandResult {
        var result = result
        result.tail = redactor.redact(result.tail)
        return result
    }

    /// What is wrong with the engine, and not with the commit, where a step on it has failed; nil: nothing.
    enum Trouble {
        case gone, overloaded

        var words: String {
            switch self {
            case .gone: "the Docker engine has stopped; waiting for it"
            case .overloaded: "the Docker engine gave up because it has too much to do"
            }
        }

        /// Once the engine answers.
        var isOver: String {
            switch self {
            case .gone: "it is back"
            case .overloaded: "it answers"
            }
        }
    }

    /// By what was said, or because it does not answer now: what an engine kills with itself may end in many words.
    func trouble(saying reason: String) async -> Trouble? {
        if DockerRefusal.saysEngineIsGone(reason) { return .gone }
        if DockerRefusal.saysEngineIsOverloaded(reason) { return .overloaded }
        // Without a CLI nobody knows; then the failure speaks for itself.
        return ((try? await docker.wait(within: .zero)) ?? true) == false ? .gone : nil
    }

    // MARK: Images

    /// - Returns: the engine's id; nil when it does not have the image.
    package func id(of image: String, _ docker: DockerCommands) async throws -> String? {
        let found = try await runner.collect(docker.imageID(image))
        return found.succeeded ? String(found.text.prefix { !$0.isNewline }) : nil
    }

    /// Where Docker does not answer, the build says what is wrong with it.
    func has(_ image: String) async -> Bool {
        guard let docker = try? await commands() else { return false }
        return (try? await id(of: image, docker)).flatMap(\.self) != nil
    }

    /// Gives an image a name by content, which no other build moves: by its names it is found again, kept and removed.
    package func name(_ image: String, _ docker: DockerCommands) async throws {
        try check(try await runner.collect(docker.tag(image, as: ImageName.byContent(of: image))), "docker tag")
    }

    /// As `docker build` wrote it down.
    func readID(_ file: String) throws -> String {
        let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
        let id = String(text.prefix { !$0.isNewline })
        guard id.hasPrefix("sha256:") else { throw StepFailure("docker build wrote no image id; its log says more") }
        return id
    }

    /// For what runs on the engine; nil: its default.
    var cgroupParent: String? { configuration.build.cgroupParent }

    // MARK: Labels

    var instanceLabel: (name: String, value: String) { ("io.slipway.instance", instance) }
    private var jobLabel: (name: String, value: String) { ("io.slipway.job", String(job)) }

    func labels(_ commit: CommitID) -> [(name: String, value: String)] {
        [("org.opencontainers.image.revision", commit.description), instanceLabel, jobLabel]
    }

    func labels(step: Step.Name) -> [(name: String, value: String)] {
        [instanceLabel, jobLabel, ("io.slipway.step", step.rawValue)]
    }
}

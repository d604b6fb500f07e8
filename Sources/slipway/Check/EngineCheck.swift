import Foundation
import SlipwayBase
import SlipwayCore
import SlipwayDeploy

/// The Docker engine and its CLI: whether they answer, what they build with, and what holds builds and tests back.
struct EngineCheck {
    let configuration: Configuration
    private let runner = CommandRunner()
    private let environment = ProcessInfo.processInfo.environment

    func findings() async -> [Finding] {
        do {
            return try await look()
        } catch {
            return [.error("docker: \(error); install it, or set PATH")]
        }
    }

    private func look() async throws -> [Finding] {
        let executable = environment["SLIPWAY_DOCKER"] ?? "docker"
        let commands = DockerCommands(executable: executable, environment: CommandEnvironment.docker())
        let answer = try await runner.collect(commands.engine())
        guard answer.succeeded, let engine = EngineFacts(answer.text) else {
            return [
                .error(
                    "docker: no engine answers (\(answer.lastLine.singleLine())); start it, let this user use its "
                        + "socket, or set DOCKER_HOST")
            ]
        }
        guard engine.platform == DockerCommands.platform else {
            return [
                .error(
                    "docker: the engine is \(engine.platform); images are built for \(DockerCommands.platform) only, so give Slipway an engine of that"
                )
            ]
        }
        let hasBuildx = try await runner.collect(commands.buildxVersion()).succeeded
        let client = try await runner.collect(commands.clientVersion()).text.trimmed
        let builder = DockerBuilder(hasBuildx: hasBuildx, clientVersion: client)
        return [
            .ok("docker: engine \(engine.version) on \(engine.platform), \(builder.sentence)")
        ] + [engine.breakouts].compactMap(\.self) + needs(builder) + keys + [buildLimits(engine, builder)]
            + testLimits(engine)
    }

    private func needs(_ builder: DockerBuilder) -> [Finding] {
        guard !builder.hasBuildKit else { return [] }
        return configuration.apps.flatMap { app in
            [("secrets", app.build.secrets.isEmpty), ("ssh", app.build.ssh.isEmpty)].filter { !$0.1 }.map { key, _ in
                .error("apps.\(app.name).build.\(key): needs BuildKit: \(builder.wayToMore)")
            }
        }
    }

    private var keys: [Finding] {
        configuration.apps.flatMap { app in
            app.build.ssh.compactMap { access in
                guard let path = access.path, Foundation.access(path, R_OK) != 0 else { return nil }
                let reason = String(cString: strerror(errno)).lowercased()
                return .error("apps.\(app.name).build.ssh.\(access.id): \(path) cannot be read: \(reason)")
            }
        }
    }

    // MARK: Limits

    private static let advice =
        "install packaging/slipway-builds.slice and name it in build.cgroup_parent, for engines before 23 also as their "
        + "default (docs/builds.md)"

    private func buildLimits(_ engine: EngineFacts, _ builder: DockerBuilder) -> Finding {
        guard let parent = configuration.build.cgroupParent else {
            return .warning(
                "build.cgroup_parent: not set, so nothing says how much memory and how many processes a build may take: "
                    + Self.advice)
        }
        let subject = "build.cgroup_parent: \(parent)"
        // The engine refuses a path, or takes a slice for one.
        if (engine.driver == "systemd") == parent.hasPrefix("/") {
            let form =
                engine.driver == "systemd" ? "a slice such as slipway-builds.slice" : "a path such as /slipway-builds"
            return .error("\(subject): the engine's cgroup driver is \(engine.driver), which wants \(form)")
        }
        guard isHere else { return .ok("\(subject), on another machine, whose limits cannot be read from here") }
        let group = ControlGroup(parent: parent)
        guard group.exists else { return .warning("\(subject) is not a control group of this machine: \(Self.advice)") }
        let limits = group.limits
        guard let memory = limits.memoryBytes, let processes = limits.processes else {
            let lacking = limits.memoryBytes == nil ? "memory" : "processes"
            return .warning("\(subject) has no limit of \(lacking): \(Self.advice)")
        }
        let processors = limits.processors.map { ", \(($0 * 10).rounded() / 10) processors" } ?? ""
        let words = "\(subject) has \(memory >> 20) MiB of memory, \(processes) processes\(processors)"
        guard engine.takesParentFromDefaultOnly, builder.hasBuildKit, !group.hasSeenBuildKit else { return .ok(words) }
        if engine.driver == "systemd" {
            return .warning(
                "\(words), but the BuildKit of engine \(engine.version) with the cgroup driver systemd runs builds elsewhere: "
                    + "update the engine to 23 or newer, or give it the driver cgroupfs (docs/builds.md)")
        }
        guard !isDefault(parent) else { return .ok(words) }
        return .warning(
            "\(words), but the BuildKit of engine \(engine.version) obeys the engine's own default only: set "
                + "\"cgroup-parent\": \"\(parent)\" in its daemon.json and restart it")
    }

    /// Whether the engine is one of this machine's.
    private var isHere: Bool { environment["DOCKER_HOST"].map { $0.isEmpty || $0.hasPrefix("unix://") } ?? true }

    private func isDefault(_ parent: String) -> Bool {
        struct Daemon: Decodable {
            var parent: String?

            enum CodingKeys: String, CodingKey {
                case parent = "cgroup-parent"
            }
        }
        guard let data = FileManager.default.contents(atPath: "/etc/docker/daemon.json") else { return false }
        return (try? JSONDecoder().decode(Daemon.self, from: data))?.parent == parent
    }

    private func testLimits(_ engine: EngineFacts) -> [Finding] {
        configuration.apps.compactMap { app in
            guard let limits = app.test?.limits else { return nil }
            let bounded = limits.bounded(cores: engine.processors, memoryBytes: engine.memoryBytes)
            // The defaults are bounded without a word.
            guard bounded != limits, limits != TestLimits() else { return nil }
            return .warning(
                "apps.\(app.name).test.limits: more than the engine's machine has; tests get "
                    + "\(bounded.memoryBytes >> 20) MiB of memory and \(bounded.cpus) processors")
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

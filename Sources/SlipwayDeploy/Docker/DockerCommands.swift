import SlipwayBase
import SlipwayCore

/// The Docker command lines, and nothing else. No token stands in any: logins are files in `DOCKER_CONFIG`.
package struct DockerCommands: Sendable {
    package var executable: String
    /// What `CommandEnvironment.docker` gives, with `DOCKER_CONFIG`.
    package var environment: [String: String]
    package var builder: DockerBuilder

    /// The only one that images are built for.
    package static let platform = "linux/amd64"

    package init(executable: String, environment: [String: String], builder: DockerBuilder = .classic) {
        self.executable = executable
        self.environment = environment
        self.builder = builder
    }

    // MARK: Asking

    package func buildxVersion() -> Command { docker("buildx", "version") }
    package func clientVersion() -> Command { docker("version", "--format", "{{.Client.Version}}") }
    package func serverVersion() -> Command { docker("version", "--format", "{{.Server.Version}}") }

    /// Prints `linux/x86_64 20.10.24+dfsg1 cgroupfs 2 25276510208`: platform, version, cgroup driver, processors, memory.
    package func engine() -> Command {
        docker(
            "info", "--format",
            "{{.OSType}}/{{.Architecture}} {{.ServerVersion}} {{.CgroupDriver}} {{.NCPU}} {{.MemTotal}}")
    }

    /// Prints the image's id; fails when the engine does not have it.
    package func imageID(_ image: String) -> Command {
        docker("image", "inspect", "--format", "{{.Id}}", image)
    }

    /// Prints the image's configuration as JSON.
    package func imageConfiguration(_ image: String) -> Command {
        docker("image", "inspect", "--format", "{{json .Config}}", image)
    }

    /// Prints how a container ended: `3 false ` for exit status 3, `true` when it ran out of memory, then why the
    /// engine could not start it.
    package func ending(of container: String) -> Command {
        docker(
            "container", "inspect", "--format", "{{.State.ExitCode}} {{.State.OOMKilled}} {{.State.Error}}", container)
    }

    /// Prints the names of all containers that may be an instance's own for a step. By name, since a name is all that
    /// no Dockerfile can give a container: labels come with the image, whoever runs it.
    package func stepContainers(of instance: String) -> Command {
        docker("ps", "--all", "--format", "{{.Names}}", "--filter", "name=\(StepContainer.prefix(of: instance))")
    }

    /// Prints the versions of CLI and engine: `20.10.24+dfsg1 28.2.2`.
    package func versions() -> Command {
        docker("version", "--format", "{{.Client.Version}} {{.Server.Version}}")
    }

    /// Prints what the engine's machine has: `2 25276510208`, processors and bytes of memory.
    package func machine() -> Command { docker("info", "--format", "{{.NCPU}} {{.MemTotal}}") }

    // MARK: Images

    package func build(_ build: ImageBuild) -> Command {
        var arguments = ["--platform", Self.platform]
        switch builder {
        case .buildx:
            // An attestation makes the push an index, which some platforms' registries refuse; --load keeps Docker's media
            // types and leaves the push to `docker push`.
            arguments += ["--provenance=false", "--sbom=false", "--load", "--progress=plain"]
        case .buildKit: arguments += ["--progress=plain"]
        // Without it every failed build leaves its containers behind.
        case .classic: arguments += ["--force-rm"]
        }
        arguments += ["--file", build.dockerfile, "--tag", build.tag, "--iidfile", build.idFile]
        if !build.usesCache { arguments.append("--no-cache") }
        if let stage = build.stage { arguments += ["--target", stage] }
        if let parent = build.cgroupParent {
            // BuildKit takes a path whatever the engine's driver is, and would take a slice's name for one.
            let group = builder.hasBuildKit ? "/" + ControlGroup(parent: parent).path : parent
            arguments += ["--cgroup-parent", group]
        }
        for secret in build.secrets {
            arguments += ["--secret", "id=\(secret.id),\("src=\(secret.file)".csvField)"]
        }
        for access in build.ssh { arguments += ["--ssh", access.id + (access.path.map { "=\($0)" } ?? "")] }
        for (name, value) in build.arguments { arguments += ["--build-arg", "\(name)=\(value)"] }
        for (name, value) in build.labels { arguments += ["--label", "\(name)=\(value)"] }
        arguments.append(build.context)
        return building(arguments)
    }

    /// Prints ids and names of an instance's images, the newest first: those that have both its label, which tells
    /// instances of one engine apart, and a name that Slipway gave. An image that somebody made `FROM` one of them has
    /// the label too, and no such name.
    package func images(of instance: String) -> Command {
        docker(
            "image", "ls", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}", "--filter",
            "label=io.slipway.instance=\(instance)", "--filter", "reference=\(ImageName.repository)")
    }

    /// Takes names away; an image goes with its last one, unless a container uses it.
    package func remove(names: [String]) -> Command { docker(["rmi"] + names) }

    /// What builds have left for the next ones and nobody has used for a day.
    package func pruneBuildCache() -> Command { docker("builder", "prune", "--force", "--filter", "until=24h") }

    /// Where the engine keeps its images, on its own machine.
    package func rootFolder() -> Command { docker("info", "--format", "{{.DockerRootDir}}") }

    package func tag(_ image: String, as name: String) -> Command { docker("tag", image, name) }
    package func push(_ name: String) -> Command { docker("push", name) }
    package func pull(_ name: String) -> Command { docker("pull", "--platform", Self.platform, name) }
    package func untag(_ name: String) -> Command { docker("rmi", "--no-prune", name) }

    // MARK: Containers

    package func create(_ container: TestContainer) -> Command {
        var arguments = ["create", "--name", container.name, "--platform", Self.platform]
        for (name, value) in container.labels { arguments += ["--label", "\(name)=\(value)"] }
        let limits = container.limits
        let memory = String(limits.memoryBytes)
        arguments += [
            "--cpus", limits.cpus.inShort, "--memory", memory, "--memory-swap", memory,
            "--pids-limit", String(limits.processes),
            "--security-opt", "no-new-privileges", "--cap-drop", "ALL",
        ]
        if let parent = container.cgroupParent { arguments += ["--cgroup-parent", parent] }
        for capability in TestContainer.capabilities { arguments += ["--cap-add", capability] }
        // The sources enter as root's; another user of the image's could not write beside them.
        arguments += ["--user", "0:0", "--workdir", TestContainer.folder, "--env-file", container.environmentFile]
        var command = self
        for (name, value) in container.longEnvironment {
            // An env-file ends a value at its line's end; by name alone the CLI takes it from its own environment.
            arguments += ["--env", name]
            if command.environment[name] == nil { command.environment[name] = value }
        }
        // Exit on the first failing command, as CI services run a script.
        arguments += ["--entrypoint", "/bin/sh", container.image, "-e", "-c", container.script]
        return command.docker(arguments)
    }

    /// A container that is never started: for a look into an image, or for another one of the same layers. The command
    /// stands for that of an image without one, which Docker would refuse.
    package func create(_ name: String, of image: String) -> Command {
        docker("create", "--name", name, "--platform", Self.platform, "--network", "none", image, "true")
    }

    /// Prints a file of a container as an archive, a link as such; fails where there is none.
    package func file(_ path: String, of container: String) -> Command { docker("cp", "\(container):\(path)", "-") }

    /// Makes an image of a container and prints its id. Unlike a build `FROM` the image, it runs no trigger that the image
    /// has for those (`ONBUILD`).
    /// - Parameter changes: lines of a Dockerfile.
    package func commit(_ container: String, changes: [String], as tag: String) -> Command {
        docker(["commit"] + changes.flatMap { ["--change", $0] } + [container, tag])
    }

    /// - Parameter folder: what is in it goes to the container's folder, not itself.
    package func copy(_ folder: String, into container: String) -> Command {
        docker("cp", folder + "/.", "\(container):\(TestContainer.folder)")
    }

    package func start(_ container: String) -> Command { docker("start", "--attach", container) }
    package func kill(_ container: String) -> Command { docker("kill", container) }
    package func remove(_ containers: [String]) -> Command {
        docker(["rm", "--force", "--volumes"] + containers)
    }

    private func building(_ arguments: [String]) -> Command {
        var command = self
        switch builder {
        case .buildx: return command.docker(["buildx", "build"] + arguments)
        case .buildKit: command.environment["DOCKER_BUILDKIT"] = "1"
        case .classic: command.environment["DOCKER_BUILDKIT"] = "0"
        }
        return command.docker(["build"] + arguments)
    }

    private func docker(_ arguments: String...) -> Command { docker(arguments) }

    private func docker(_ arguments: [String]) -> Command {
        Command(executable, arguments, environment: environment)
    }
}

extension String {
    /// As one field of the comma-separated list that `--secret` takes (RFC 4180).
    fileprivate var csvField: String {
        contains(where: { ",\"\n\r".contains($0) })
            ? "\"" + split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"" : self
    }
}

extension Double {
    /// `2`, `1.5`.
    fileprivate var inShort: String { self == rounded() ? String(Int(self)) : String(self) }
}

import Foundation
import SlipwayBase
import SlipwayCore
import Testing

@testable import SlipwayDeploy

struct DockerCommandsTests {
    private func docker(_ builder: DockerBuilder) -> DockerCommands {
        DockerCommands(executable: "docker", environment: ["DOCKER_CONFIG": "/w/docker"], builder: builder)
    }

    private var image: ImageBuild {
        var image = ImageBuild(
            dockerfile: "/w/source/Dockerfile", context: "/w/source", tag: "slipway-build:my_app-1", idFile: "/w/id")
        image.stage = "app"
        image.arguments = [("MIX_ENV", "prod"), ("NOTE", "a, b")]
        image.labels = [("org.opencontainers.image.revision", "1")]
        return image
    }

    private let rest =
        "--file /w/source/Dockerfile --tag slipway-build:my_app-1 --iidfile /w/id --target app --build-arg MIX_ENV=prod"
        + " --build-arg 'NOTE=a, b' --label org.opencontainers.image.revision=1 /w/source"

    @Test func `builds with buildx, without attestations`() {
        #expect(
            docker(.buildx).build(image).description
                == "docker buildx build --platform linux/amd64 --provenance=false --sbom=false --load --progress=plain \(rest)"
        )
    }

    @Test func `a fresh build uses no layer again`() {
        var image = image
        image.usesCache = false
        #expect(docker(.classic).build(image).arguments.contains("--no-cache"))
    }

    @Test func `a build's secrets are named by their files, and its group by the configuration`() {
        var image = image
        image.secrets = [("npm_token", "/w/secrets/0"), ("b", #"/a,"b"/1"#)]
        image.ssh = [SSHAccess(id: "default"), SSHAccess(id: "key", path: "/etc/key")]
        image.cgroupParent = "/builds"
        let arguments = docker(.buildx).build(image).arguments.joined(separator: " ")
        #expect(arguments.contains("--cgroup-parent /builds --secret id=npm_token,src=/w/secrets/0"))
        #expect(arguments.contains(#"--secret id=b,"src=/a,""b""/1" --ssh default --ssh key=/etc/key"#))
    }

    @Test func `BuildKit is given a group by its path, the first builder as the engine's driver calls it`() {
        var image = image
        image.cgroupParent = "slipway-builds.slice"
        for (builder, group) in [
            (DockerBuilder.buildx, "/slipway.slice/slipway-builds.slice"), (.classic, "slipway-builds.slice"),
        ] {
            #expect(docker(builder).build(image).description.contains("--cgroup-parent \(group) "))
        }
    }

    @Test func `a step's containers are known by their names`() {
        let instance = "0123456789abcdef0123456789abcdef"
        let name = StepContainer.name(instance: instance, job: 12, step: .test)
        #expect(name == "slipway-0123456789ab-12-test")
        #expect(StepContainer.isOne(name, of: instance))
        for other in [
            "slipway-0123456789ab-12-mine", "slipway-0123456789ab--test", "x-\(name)", name + "-2", "staging",
        ] {
            #expect(!StepContainer.isOne(other, of: instance))
        }
        #expect(!StepContainer.isOne(name, of: "f" + instance.dropFirst()))
        #expect(
            docker(.classic).stepContainers(of: instance).description.hasSuffix("--filter name=slipway-0123456789ab-"))
    }

    @Test func `a test's limits are never more than the machine has`() {
        let bounded = TestLimits().bounded(cores: 1, memoryBytes: 2 << 30)
        #expect(bounded.cpus == 1 && bounded.memoryBytes == 7 << 28 && bounded.processes == 2048)
        let roomy = TestLimits().bounded(cores: 64, memoryBytes: 256 << 30)
        #expect(roomy == TestLimits())
    }

    @Test func `builds with the BuildKit inside an older CLI, which knows no attestations`() {
        let command = docker(.buildKit).build(image)
        #expect(command.description == "docker build --platform linux/amd64 --progress=plain \(rest)")
        #expect(command.environment["DOCKER_BUILDKIT"] == "1")
    }

    @Test func `builds with the first builder where a CLI has nothing else`() {
        let command = docker(.classic).build(image)
        #expect(command.description == "docker build --platform linux/amd64 --force-rm \(rest)")
        #expect(command.environment["DOCKER_BUILDKIT"] == "0")
    }

    @Test(arguments: [
        (true, "28.2.2", DockerBuilder.buildx), (true, "20.10.24+dfsg1", .buildx),
        (false, "20.10.24+dfsg1\n", .buildKit),
        (false, "23.0.0", .classic), (false, "28.2.2", .classic), (false, "", .buildKit),
    ])
    func `chooses the builder by what the CLI has`(_ hasBuildx: Bool, _ version: String, _ builder: DockerBuilder) {
        #expect(DockerBuilder(hasBuildx: hasBuildx, clientVersion: version) == builder)
    }

    @Test func `a test container is limited and has no privileges`() {
        var container = TestContainer(
            name: "slipway-i-1-test", image: "elixir:1.9.4", script: "mix test", labels: [("io.slipway.job", "1")],
            environmentFile: "/w/test.env")
        container.longEnvironment = [("KEY", "a\nb")]
        container.cgroupParent = "slipway-builds.slice"
        let command = docker(.classic).create(container)
        #expect(
            command.description
                == "docker create --name slipway-i-1-test --platform linux/amd64 --label io.slipway.job=1 --cpus 2 --memory"
                + " 4294967296 --memory-swap 4294967296 --pids-limit 2048 --security-opt no-new-privileges --cap-drop ALL"
                + " --cgroup-parent slipway-builds.slice --cap-add CHOWN"
                + " --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add FSETID --cap-add KILL --cap-add SETGID --cap-add SETUID"
                + " --user 0:0 --workdir /slipway --env-file /w/test.env --env KEY --entrypoint /bin/sh elixir:1.9.4"
                + " -e -c 'mix test'")
        #expect(command.environment["KEY"] == "a\nb")
        for forbidden in ["--privileged", "--network", "--volume", "docker.sock", "--mount"] {
            #expect(!command.description.contains(forbidden))
        }
    }

    @Test func `the rest reads as an operator would type it`() {
        let docker = docker(.classic)
        #expect(
            docker.tag("sha256:1", as: "registry.heroku.com/a/web").description
                == "docker tag sha256:1 registry.heroku.com/a/web")
        #expect(docker.push("registry.heroku.com/a/web").description == "docker push registry.heroku.com/a/web")
        #expect(docker.copy("/w/source", into: "c").description == "docker cp /w/source/. c:/slipway")
        #expect(docker.start("c").description == "docker start --attach c")
        #expect(docker.remove(["c", "d"]).description == "docker rm --force --volumes c d")
        #expect(
            docker.imageID("sha256:1").description
                == "docker image inspect --format '{{.Id}}' sha256:1".replacingOccurrences(of: "'", with: ""))
    }

    @Test func `says what to do about a refusal, and retries only what may pass`() {
        func result(_ text: String) -> CommandResult { CommandResult(exit: .code(1), tail: Array(text.utf8)) }
        let refused = result("The push refers to repository [x]\nunsupported: The operation is unsupported.\n")
        #expect(!DockerRefusal.isTransient(refused))
        let denied = result("unauthorized: authentication required")
        #expect(!DockerRefusal.isTransient(denied))
        let down = result("Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?")
        #expect(DockerRefusal.sentence("docker build", down).contains("start the Docker engine"))
        #expect(!DockerRefusal.isTransient(down))
        #expect(DockerRefusal.isTransient(result("received unexpected HTTP status: 503 Service Unavailable")))
        #expect(DockerRefusal.isTransient(result("EOF")))
        let lost = result("Get \"http://127.0.0.1:9/v2/\": dial tcp 127.0.0.1:9: connect: connection refused")
        let images = RegistryAccess.images(closed: [], known: [])
        #expect(DockerRefusal.sentence("docker build", lost, images).contains("is the registry 127.0.0.1:9 up"))
    }

    @Test(arguments: [
        (
            """
            #9 [5/5] RUN make
            #9 0.376 cc main.c
            #8 9.100 another stage
            #9 0.651 main.c:3: Permission denied
            #9 ERROR: executor failed running [/bin/sh -c make]: exit code: 2
            ------
             > [5/5] RUN make:
            #9 0.651 main.c:3: Permission denied
            ------
            executor failed running [/bin/sh -c make]: exit code: 2

            """,
            "docker build failed: a command of the Dockerfile ended with exit status 2"
        ),
        (
            """
            Step 2/3 : RUN make
             ---> Running in 0123456789ab
            main.c:3: unauthorized
            Removing intermediate container 0123456789ab
            The command '/bin/sh -c make' returned a non-zero code: 2

            """,
            "docker build failed: a command of the Dockerfile ended with exit status 2"
        ),
        (
            "#9 0.6 tar: x: Cannot write: No space left on device\n#9 ERROR: process \"/bin/sh -c tar x\" did not complete "
                + "successfully: exit code: 2\nERROR: failed to solve: process \"/bin/sh -c tar x\" did not complete "
                + "successfully: exit code: 2\n",
            "docker build failed: a command of the Dockerfile ended with exit status 2; free some disk, `docker system prune` "
                + "removes old images"
        ),
        (
            "#3 ERROR: docker.io/x/y: not found\nfailed to solve: x/y: not found\n",
            "docker build failed (exit status 1): failed to solve: x/y: not found"
        ),
    ])
    func `a failed build's reason quotes nothing that a command of it printed`(
        _ output: String, _ reason: String
    ) {
        let result = CommandResult(exit: .code(1), tail: Array(output.utf8))
        #expect(DockerRefusal.ofBuild(result, .buildKit, .images(closed: [], known: [])) == reason)
    }

    @Test(arguments: [
        (
            "ERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: password=hunter2 (did you mean RUN?)",
            "dockerfile parse error on line 2: unknown instruction"
        ),
        (
            "Error response from daemon: dockerfile parse error line 3: unknown instruction: HUNTER2",
            "dockerfile parse error line 3: unknown instruction"
        ),
        (
            #"failed to solve: dockerfile parse error on line 4: Syntax error - can't find = in "hunter2". Must be of the form: name=value"#,
            "dockerfile parse error on line 4: Syntax error - can't find = in"
        ),
        (
            #"failed to parse dockerfile: Syntax error - can't find = in "hunter2". Must be of the form: name=value"#,
            #"failed to parse dockerfile: Syntax error - can't find = in "…". Must be of the form: name=value"#
        ),
        (
            #"ERROR: failed to solve: process "/bin/sh -c echo \"hunter2\" not found" did not complete successfully: signal: killed"#,
            "a command of the Dockerfile was killed (signal: killed)"
        ),
        (
            "executor failed running [/bin/sh -c echo hunter2]: signal: killed",
            "a command of the Dockerfile was killed (signal: killed)"
        ),
        ("hunter2]: exit code: 3", "a command of the Dockerfile ended with exit status 3"),
        ("hunter2' returned a non-zero code: 3", "a command of the Dockerfile ended with exit status 3"),
        (
            #"ERROR: failed to solve: failed to process "${KEY:?hunter2}": KEY: hunter2"#,
            "ERROR: failed to solve: failed to process a word of the Dockerfile"
        ),
        (
            #"OCI runtime create failed: runc create failed: exec: "/a=hunter2": stat /a=hunter2: no such file or directory: unknown"#,
            #"OCI runtime create failed: runc create failed: exec: "…": no such file or directory: unknown"#
        ),
        (
            #"failed to load cache key: Get "https://a.example/x?token=hunter2": dial tcp: i/o timeout"#,
            #"failed to load cache key: Get "…": dial tcp: i/o timeout"#
        ),
    ])
    func `a reason keeps the engine's words and not what they quote of the Dockerfile`(
        _ verdict: String, _ words: String
    ) {
        let result = CommandResult(exit: .code(1), tail: Array((verdict + "\n").utf8))
        let reason = DockerRefusal.ofBuild(result, .buildKit, .images(closed: [], known: []))
        #expect(reason.contains(words) && !reason.lowercased().contains("hunter2"), "\(reason)")
    }

    @Test(arguments: [.signal(9), .code(1)] as [CommandResult.Exit])
    func `what a command printed is no verdict if the CLI was stopped amid it`(_ exit: CommandResult.Exit) {
        let result = CommandResult(exit: exit, tail: Array("#9 [2/2] RUN make\n#9 0.651 hunter2\n".utf8))
        let reason = DockerRefusal.ofBuild(result, .buildKit, .images(closed: [], known: []))
        #expect(reason == "docker build failed (\(exit)): \(exit)")
    }

    @Test(arguments: [
        #"failed to solve: failed to compute cache key: "/missing": not found"#,
        #"Head "https://base.example:5000/v2/team/base/manifests/1": no basic auth credentials"#,
        #"ERROR: failed to solve: target stage "web" could not be found"#,
        "COPY failed: file not found in build context or excluded by .dockerignore: stat missing: file does not exist",
    ])
    func `paths, addresses of registries and the configuration's stage stay in a reason`(_ verdict: String) {
        let result = CommandResult(exit: .code(1), tail: Array((verdict + "\n").utf8))
        #expect(DockerRefusal.sentence("docker build", result).contains(verdict))
    }

    @Test(arguments: [
        "#1 DONE 0.0s\nERROR: failed to solve: dockerfile parse error on line 2: unknown instruction: FOO",
        "#5 0.1 OUT\n#5 ERROR: process \"/bin/sh -c echo OUT\" did not complete successfully: signal: killed",
        "Error response from daemon: dockerfile parse error line 3: unknown instruction: FOO",
    ])
    func `what a reason leaves out stands in the detail`(_ output: String) async {
        let log = MemoryLogBook().stepLog()
        await log.write(Array((output + "\n").utf8))
        let verdict = output.split(separator: "\n").last.map(String.init)
        #expect(await log.detail(.build).last?.text == verdict)
    }
}

import SlipwayBase
import SlipwayCore
import Testing

@testable import SlipwayDeploy

/// Who said "unauthorized", and which key helps: outputs as engines and builders print them.
struct RegistryRefusalTests {
    private let images = RegistryAccess.images(
        closed: [PlatformRegistry(host: "registry.heroku.com", owner: "Heroku", key: "heroku.api_key")],
        known: ["ghcr.io"])

    private func result(_ text: String) -> CommandResult { CommandResult(exit: .code(1), tail: Array(text.utf8)) }

    @Test(arguments: [
        "Step 1/1 : FROM base.example:5000/team/base:1\nHead \"https://base.example:5000/v2/team/base/manifests/1\": no basic auth credentials\n",
        "Step 1/2 : FROM scratch\nStep 2/2 : COPY --from=base.example:5000/team/base:1 /a /b\n"
            + "invalid from flag value base.example:5000/team/base:1: unauthorized: authentication required\n",
        "#3 [internal] load metadata for base.example:5000/team/base:1\n#3 ERROR: x\n------\n"
            + " > [internal] load metadata for base.example:5000/team/base:1:\n------\nfailed to solve with frontend dockerfile.v0: "
            + "failed to create LLB definition: pulling from host base.example:5000 failed with status code [manifests 1]: 401 Unauthorized\n",
        "#4 FROM base.example:5000/team/base:1\n------\n > FROM base.example:5000/team/base:1:\n------\n"
            + "failed to load cache key: unexpected status code [manifests 1]: 401 Unauthorized\n",
        "------\n > [internal] load metadata for base.example:5000/team/base:1:\n------\nERROR: failed to solve: "
            + "base.example:5000/team/base:1: failed to resolve source metadata for base.example:5000/team/base:1: pull access "
            + "denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed\n",
        "Error response from daemon: pull access denied for base.example:5000/team/base, repository does not exist or may require"
            + " 'docker login': denied: requested access to the resource is denied\n",
    ])
    func `the registry that refused a build is named, with the key for its login`(_ output: String) {
        for reason in [
            DockerRefusal.ofBuild(result(output), .buildKit, images),
            DockerRefusal.sentence("docker create", result(output), images),
        ] {
            #expect(reason.contains("; base.example:5000 refused"), "\(reason)")
            #expect(reason.contains("`registries`"))
            #expect(!reason.contains("heroku.api_key"))
        }
    }

    @Test func `a login that registries has and that is wrong is to be mended there`() {
        let output = "Head \"https://ghcr.io/v2/a/b/manifests/1\": unauthorized\n"
        let reason = DockerRefusal.ofBuild(result(output), .classic, images)
        #expect(reason.contains("ghcr.io refused the login that it has in `registries`"))
    }

    @Test func `of Heroku's registry a build gets no login, and it is said why`() {
        let output =
            "pulling from host registry.heroku.com failed with status code [manifests latest]: 401 Unauthorized\n"
        let reason = DockerRefusal.ofBuild(result(output), .buildKit, images)
        #expect(reason.contains("registry.heroku.com refused: a build gets no login of Heroku's registry"))
    }

    @Test func `Docker Hub's limit is lifted by a login`() {
        let output = "toomanyrequests: You have reached your pull rate limit.\n"
        #expect(
            DockerRefusal.ofBuild(result(output), .classic, images).contains("docker.io gives more to those who log in")
        )
    }

    @Test(arguments: [
        ("unauthorized: authentication required\n", "; its key"), ("dial tcp: connection refused\n", "; is it up?"),
        ("received unexpected HTTP status: 503\n", "; its status page"), ("405 Method Not Allowed\n", "; its form"),
    ])
    func `of a platform's registry it is the platform's word what helps`(said: String, advice: String) {
        let words = RegistryAdvice(
            refused: "its key", unreachable: "is it up?", failing: "its status page", form: "its form")
        #expect(DockerRefusal.sentence("push", result(said), .platform(words)).hasSuffix(advice))
        // A build's registry has no such word.
        #expect(!DockerRefusal.sentence("docker build", result(said), images).hasSuffix(advice))
    }

    @Test func `a login that is refused is refused again`() {
        #expect(!DockerRefusal.isTransient(result("no basic auth credentials\n")))
    }

    @Test func `what the repository's own commands print of registries blames nobody`() {
        let output = """
            #9 0.651 unauthorized: authentication required
            #9 ERROR: executor failed running [/bin/sh -c npm ci]: exit code: 1
            ------
            executor failed running [/bin/sh -c npm ci]: exit code: 1

            """
        let reason = DockerRefusal.ofBuild(result(output), .buildKit, images)
        #expect(!reason.contains("refused"))
    }

    @Test(arguments: [
        (
            "the --mount option requires BuildKit. Refer to https://docs.docker.com/go/buildkit/\n",
            DockerBuilder.classic, "docker-buildx"
        ),
        (
            "Error response from daemon: dockerfile parse error line 3: unknown instruction: ECHO\n", .classic,
            "docker-buildx"
        ),
        (
            "failed to solve: dockerfile parse error line 2: Unknown flag: link\n", .buildKit,
            "# syntax=docker/dockerfile:1"
        ),
        ("failed to solve: secret npm_token: not found\n", .buildx, "`npm_token`"),
    ])
    func `what the builder could not read has its remedy`(_ output: String, _ builder: DockerBuilder, _ words: String) {
        #expect(DockerRefusal.ofBuild(result(output), builder, images).contains(words))
    }
}

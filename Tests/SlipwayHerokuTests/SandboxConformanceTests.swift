import Foundation
import HerokuSandbox
import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import SlipwayNet
import TestPlatforms
import TestSupport
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHeroku

/// Heroku's half of the port, on the stand-in for Heroku, with the real engine and registry.
struct SandboxConformanceTests {
    @Test(arguments: PlatformConformance.allCases)
    func `Heroku keeps the promises of a platform`(promise: PlatformConformance) async throws {
        try await SandboxStage.with { try await promise.hold(on: $0) }
    }
}

/// A sandbox that runs, and apps of its own.
private struct SandboxStage: PlatformStage {
    let sandbox: HerokuSandbox
    let folder: TemporaryFolder
    let configuration: Configuration
    let engine: JobEngine
    let kind: any PlatformKind = Heroku(userAgent: "slipway/test")
    let ways: [Migration.Way] = [.releasePhase, .oneOff(type: nil, size: nil)]
    private let client: HTTPClient
    private let addresses = Current<[String: String]>([:])

    static func with(_ body: @Sendable (SandboxStage) async throws -> Void) async throws {
        let environment = ProcessInfo.processInfo.environment
        let names = ["SLIPWAY_DOCKER", "SLIPWAY_REGISTRY", "SLIPWAY_REGISTRY_PASSWORD"]
        let missing = names.filter { environment[$0, default: ""].isEmpty }
        try #require(
            missing.isEmpty, "run `make test`, it starts a Docker engine and a registry: \(missing) not set")
        let values = names.map { environment[$0, default: ""] }
        let folder = try TemporaryFolder()
        let certificates = try await TestCertificates()
        let certificate = try await certificates.certificate("IP:127.0.0.1,DNS:localhost")
        var settings = SandboxSettings(
            apiKey: Secret(values[2]), registry: values[1], registryPassword: Secret(values[2]),
            certificate: certificate.certificate, key: certificate.key, folder: folder.path + "/sandbox")
        settings.docker = values[0]
        settings.dockerHost = environment["DOCKER_HOST"]
        settings.behaviour = .prompt
        settings.memory = "64m"
        let sandbox = try HerokuSandbox(settings: settings)
        let running = Task { try await sandbox.run() }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(try SandboxStage(sandbox, folder, certificates.authority)))
        } catch {
            outcome = .failure(error)
        }
        running.cancel()
        _ = await running.result
        try outcome.get()
    }

    private init(_ sandbox: HerokuSandbox, _ folder: TemporaryFolder, _ roots: String) throws {
        self.sandbox = sandbox
        self.folder = folder
        var heroku = HerokuSettings(apiKey: sandbox.settings.apiKey)
        heroku.apiURL = sandbox.apiURL
        heroku.registry = sandbox.settings.registry
        heroku.ca = roots
        configuration = Configuration(
            server: ServerSettings(host: "127.0.0.1", port: 0, data: folder.path), platforms: [heroku], apps: [],
            secrets: [heroku.apiKey])
        engine = JobEngine(
            DockerEngine(), CommandRunner(), folder: folder.path + "/job", instance: "conformance", job: 1,
            redactor: Redactor(secrets: [heroku.apiKey]), configuration: configuration)
        client = HTTPClient(tls: try TLSClientContext())
    }

    func newPlace() async throws -> Place {
        let app = "c-" + UUID().uuidString.lowercased().prefix(18)
        let address = try await sandbox.createApp(app)
        addresses.value[app] = address
        return .heroku(app)
    }

    func image(_ text: String, of commit: CommitID) async throws -> BuiltImage {
        let docker = try await engine.docker.commands(configuration: nil)
        let root = folder.path + "/root"
        let files = FileManager.default
        if !files.fileExists(atPath: root) {
            for name in ["bin", "tmp"] {
                try files.createDirectory(atPath: root + "/" + name, withIntermediateDirectories: true)
            }
            try files.setAttributes([.posixPermissions: 0o1777], ofItemAtPath: root + "/tmp")
            try files.copyItem(atPath: "/bin/busybox", toPath: root + "/bin/busybox")
            for name in ["sh", "httpd", "echo", "mkdir", "cat", "env", "stty", "sleep", "true", "false"] {
                try files.createSymbolicLink(atPath: root + "/bin/" + name, withDestinationPath: "busybox")
            }
        }
        let page =
            "mkdir -p /tmp/www; echo '\(text)' > /tmp/www/index.html; exec httpd -f -p 127.0.0.1:$PORT -h /tmp/www"
        let dockerfile = "FROM scratch\nCOPY root /\nCMD [\"/bin/sh\",\"-c\",\(JSONText.quoted(page))]\n"
        try folder.write(dockerfile, to: "Dockerfile")
        let build = ImageBuild(
            dockerfile: folder.path + "/Dockerfile", context: folder.path,
            tag: "slipway-test/conformance:\(text.replacing(" ", with: "-"))", idFile: folder.path + "/image.id")
        let built = try await engine.runner.collect(docker.build(build), within: .seconds(300))
        try #require(built.succeeded, "\(built.lastWords)")
        return BuiltImage(commit: commit, id: try engine.readID(build.idFile))
    }

    func remove(_ image: String) async throws {
        let docker = try await engine.docker.commands(configuration: nil)
        _ = try await engine.runner.collect(
            Command(docker.executable, ["rmi", "--force", image], environment: docker.environment))
    }

    /// As it is printed, and not as the command that the log shows has it.
    private static let mark = "the database was migrated"

    /// With a word of the stage's own: the release phase's image is known by its command, and others run at the same time.
    func migrationCommand(succeeds: Bool) -> String {
        "echo 'the database was' migrated; \(succeeds) # \(folder.path)"
    }

    func facts(of place: Place) async throws -> PlaceFacts {
        let effects = try await sandbox.effects(of: place.name)
        // What a release phase printed; a one-off's output goes to whoever has attached to it.
        let phases = try await sandbox.log(of: place.name).count {
            $0.text.contains(Self.mark) && $0.text.contains("[release.")
        }
        var answer: String?
        if effects.imageReleases > 0, let address = addresses.value[place.name] {
            let response = try await client.send(HTTPClientRequest(.get, address), deadline: .seconds(60))
            let body = String(decoding: try await response.body.collect(upTo: 10_000), as: UTF8.self)
            answer = body.split(separator: "\n").first.map(String.init)
        }
        return PlaceFacts(
            releases: effects.imageReleases, migrations: phases + effects.oneOffProcesses, answer: answer)
    }
}

import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP

/// The two servers, each a process of its own, as in real life.
extension Demo {
    /// - Returns: the platform's URL.
    func startSandbox() async throws -> String {
        try await makeCertificate()
        let arguments = [
            "heroku-sandbox", "--folder", folder + "/sandbox", "--certificate", certificate, "--key",
            folder + "/key.pem",
            "--app", Self.herokuApp,
        ]
        var environment = try baseEnvironment()
        environment["SLIPWAY_REGISTRY"] = settings.registry
        environment["SLIPWAY_REGISTRY_PASSWORD"] = settings.registryPassword
        environment["SLIPWAY_DOCKER"] = settings.docker
        environment["HEROKU_API_KEY"] = settings.registryPassword
        return try await start("the stand-in for Heroku", arguments, environment)
    }

    /// - Returns: the server's URL.
    func startServer(sandbox: String) async throws -> String {
        let file = folder + "/slipway.yml"
        try Data(configuration(sandbox: sandbox).utf8).write(to: URL(fileURLWithPath: file))
        var environment = try baseEnvironment()
        environment["SLIPWAY_DOCKER"] = settings.docker
        environment["SLIPWAY_SHARE"] = settings.share
        environment["SLIPWAY_WEBHOOK_SECRET"] = webhookSecret.revealed
        environment["SLIPWAY_TOKEN"] = token.revealed
        // Heroku's registry takes the API key for its password.
        environment["HEROKU_API_KEY"] = settings.registryPassword
        return try await start("slipway serve", ["serve", "--config", file], environment)
    }

    private func configuration(sandbox: String) -> String {
        """
        server:
          listen: 127.0.0.1:\(port)
          data: data
          webhook_secrets: ["${SLIPWAY_WEBHOOK_SECRET}"]
          tokens:
            - {name: demo, value: "${SLIPWAY_TOKEN}", may: [read, deploy]}
        heroku:
          api_key: "${HEROKU_API_KEY}"
          api_url: \(sandbox)
          registry: \(settings.registry)
          ca: cert.pem
        apps:
          hello:
            repository: \(Self.repository)
            clone_url: file://\(folder)/hello
            targets:
              production:
                heroku: \(Self.herokuApp)
                when: {push: [main]}
                migrate: {command: /app/migrate, run: release-phase}
                health: {path: /, status: 200, within: 1m}

        """
    }

    private var certificate: String { folder + "/cert.pem" }

    /// Heroku's rendezvous speaks TLS, so its stand-in does too.
    private func makeCertificate() async throws {
        let result = try await command(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=slipway demo", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                "-keyout", folder + "/key.pem", "-out", certificate,
            ])
        guard result.succeeded else { throw Failure(reason: "openssl made no certificate: \(result.lastLine)") }
    }

    private func baseEnvironment() throws -> [String: String] {
        let ours = ProcessInfo.processInfo.environment
        return ours.filter { ["PATH", "HOME", "TMPDIR", "DOCKER_HOST", "LANG"].contains($0.key) }
    }

    /// Starts one of our own commands and waits until it names its address.
    private func start(_ name: String, _ arguments: [String], _ environment: [String: String]) async throws -> String {
        // One stream, not a task each: a task that waits for a child would have to be waited for itself.
        let (events, report) = AsyncStream.makeStream(of: StartEvent.self)
        let words = Current<[String]>([])
        let log = try LogFile(path: folder + "/" + arguments[0] + ".log")
        let ends = childEnds
        let child = ChildProcess(
            name, executable: Share.executable, arguments: arguments, environment: environment
        ) { line in
            log.write(line)
            words.value = Array((words.value + [line]).suffix(5))
            guard let address = line.firstMatch(of: /address=(http:\/\/[^ ]+)/)?.output.1 else { return }
            report.yield(.ready(String(address)))
        } onEnd: { end in
            // With its last words: the log goes with the folder.
            let end = ([end + "; it said:"] + words.value).joined(separator: "\n  ")
            report.yield(.ended(end))
            ends.yield(end)
        }
        add(child)
        let timer = Task {
            try await Task.sleep(for: .seconds(30))
            report.yield(.late)
        }
        defer { timer.cancel() }
        for await event in events {
            switch event {
            case .ready(let address): return address
            case .ended(let end): throw Failure(reason: end)
            case .late: throw Failure(reason: "\(name) did not start within 30 s")
            }
        }
        throw CancellationError()
    }

    private enum StartEvent: Sendable {
        case ready(String)
        case ended(String)
        case late
    }
}

/// What a child said, kept for whoever wants to look while the demo runs.
final class LogFile: Sendable {
    private let descriptor: Int32

    init(path: String) throws {
        descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Demo.Failure(reason: "cannot write \(path)") }
    }

    deinit { close(descriptor) }

    func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = Foundation.write(descriptor, bytes, bytes.count)
    }
}

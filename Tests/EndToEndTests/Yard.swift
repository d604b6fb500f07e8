import Foundation
import Synchronization
import TestSupport
import Testing

/// A whole Slipway on this machine: the real program as a server, its stand-in for Heroku as a process of its own, the
/// engine and the registry of `scripts/with-parts`, and curl for everything that GitHub and people do.
final class Yard: Sendable {
    /// The program that was built with the tests.
    static let program = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("slipway").path
    /// This repository, where `examples` and `Public` are.
    static let source = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    let folder: URL
    private let sandbox: BackgroundProgram
    private let server: Mutex<(program: BackgroundProgram, url: String)>
    private let herokuURL: String
    private let environment: [String: String]
    private let launcher: [String]

    /// What a server finds that is not as in other yards.
    struct Surroundings: Sendable {
        /// `host:port` that it pushes to; nil: the registry itself.
        var registry: String?
        /// Variables of the server alone.
        var environment: [String: String] = [:]
        /// The data folder, as the configuration file names it.
        var data = "data"
        /// More keys of `server:`, a line each.
        var settings: [String] = []
        /// A command line that ends in running what follows it, in the same process.
        var launcher: [String] = []
    }

    private static let webhookSecret = "an-end-to-end-webhook-secret"
    private static let token = "an-end-to-end-access-token"

    /// Starts the stand-in for Heroku with some apps, then the server.
    /// - Parameter apps: the `apps:` of the configuration file, given the folder where the repositories are.
    init(
        herokuApps: [String: [String: String]], folder: URL, apps: String,
        in surroundings: Surroundings = Surroundings()
    ) async throws {
        let parts = ProcessInfo.processInfo.environment
        let registry = try #require(parts["SLIPWAY_REGISTRY"], "run `make test`: it starts an engine and a registry")
        let apiKey = try #require(parts["SLIPWAY_REGISTRY_PASSWORD"], "run `make test`: it starts a registry")
        self.folder = folder
        let common = [
            "HEROKU_API_KEY": apiKey, "SLIPWAY_WEBHOOK_SECRET": Self.webhookSecret, "SLIPWAY_TOKEN": Self.token,
            "SLIPWAY_SHARE": Self.source.path,
        ]
        environment = common.merging(surroundings.environment) { $1 }
        launcher = surroundings.launcher
        _ = try await run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=yard", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem",
            ], in: folder
        ).text()

        let certificate = folder.appendingPathComponent("cert.pem").path
        sandbox = BackgroundProgram(
            Self.program,
            [
                "heroku-sandbox", "--folder", folder.appendingPathComponent("heroku").path, "--certificate",
                certificate,
                "--key", folder.appendingPathComponent("key.pem").path,
            ] + herokuApps.keys.flatMap { ["--app", $0] }, in: folder, environment: common)
        herokuURL = String(try await sandbox.waitFor(/address=(http:\/\/\S+)/).1)

        let file = folder.appendingPathComponent("slipway.yml")
        try Data(
            """
            server:
              listen: 127.0.0.1:0
              data: \(surroundings.data)
              webhook_secrets: ["${SLIPWAY_WEBHOOK_SECRET}"]
              tokens:
                - {name: ops, value: "${SLIPWAY_TOKEN}", may: [read, deploy]}
            \(Self.indented(surroundings.settings))
            heroku:
              api_key: "${HEROKU_API_KEY}"
              api_url: \(herokuURL)
              registry: \(surroundings.registry ?? registry)
              ca: \(certificate)
            apps:
            \(Self.indented(apps.split(separator: "\n").map(String.init)))

            """.utf8
        ).write(to: file)
        do {
            server = Mutex(try await Self.serve(in: folder, environment, launcher))
        } catch {
            await sandbox.stop()
            throw error
        }
        for (app, variables) in herokuApps where !variables.isEmpty {
            _ = try await heroku(
                "PATCH", "/apps/\(app)/config-vars", try JSONSerialization.data(withJSONObject: variables))
        }
    }

    private static func indented(_ lines: [String]) -> String { lines.map { "  " + $0 }.joined(separator: "\n") }

    private static func serve(
        in folder: URL, _ environment: [String: String], _ launcher: [String]
    ) async throws -> (BackgroundProgram, String) {
        let command = launcher + [program, "serve", "--config", folder.appendingPathComponent("slipway.yml").path]
        let program = BackgroundProgram(
            command[0], Array(command.dropFirst()), in: folder, environment: environment)
        return (program, String(try await program.waitFor(/address=(http:\/\/\S+)/).1))
    }

    private var program: BackgroundProgram { server.withLock { $0.program } }
    private var serverURL: String { server.withLock { $0.url } }

    /// Stops both, and says what the server had logged if anything failed.
    func close() async {
        await program.stop()
        await sandbox.stop()
    }

    var serverLog: String {
        get async { await program.printed }
    }

    /// Until it has logged it.
    func serverSays(_ pattern: sending Regex<Substring>) async throws { _ = try await program.waitFor(pattern) }

    // MARK: What befalls a server

    /// nil: it does not run.
    var serverPID: pid_t? {
        get async { await program.pid }
    }

    /// Until it has seen the repository for the first time.
    func hasLooked() async throws { _ = try await program.waitFor(/branches and tags are as they are/) }

    func killServer() async { await program.kill() }

    /// Until it has ended without our doing.
    func serverEnds() async { await program.end() }

    var isServing: Bool {
        get async { await program.isRunning }
    }

    /// - Parameter extra: variables for this run of it.
    func startServer(_ extra: [String: String] = [:]) async throws {
        let started = try await Self.serve(in: folder, environment.merging(extra) { $1 }, launcher)
        server.withLock { $0 = started }
    }

    /// What has happened to an app on Heroku and to its repositories in the registry so far.
    func effects(on app: String) async throws -> [String: Int] {
        var counts = try await heroku("GET", "/sandbox/apps/\(app)/effects").compactMapValues { $0 as? Int }
        let log = try #require(
            ProcessInfo.processInfo.environment["SLIPWAY_REGISTRY_LOG"], "only a registry of scripts/with-parts tells")
        counts["manifests"] = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").count {
            $0.contains("response completed") && $0.contains("http.request.method=PUT")
                && $0.contains("/v2/\(app)/") && $0.contains("/manifests/")
        }
        return counts
    }

    /// Of steps on the engine, running or not.
    func containers() async throws -> Int {
        let instance = try String(contentsOf: data.appendingPathComponent("instance"), encoding: .utf8)
        let label = "label=io.slipway.instance=\(instance.prefix { !$0.isNewline })"
        let docker = ProcessInfo.processInfo.environment["SLIPWAY_DOCKER"] ?? "docker"
        let filters = ["--filter", label, "--filter", "label=io.slipway.step"]
        return try await run(docker, ["ps", "--all", "--quiet"] + filters).text().split(separator: "\n").count
    }

    /// Of jobs.
    func workFolders() throws -> Int {
        let work = data.appendingPathComponent("work").path
        guard FileManager.default.fileExists(atPath: work) else { return 0 }
        return try FileManager.default.contentsOfDirectory(atPath: work).count
    }

    private var data: URL { folder.appendingPathComponent("data") }

    /// - Parameter fault: as the stand-in's admin API takes it.
    func misbehave(_ fault: String) async throws {
        _ = try await heroku("POST", "/sandbox/faults", Data(fault.utf8))
    }

    /// Until every fault that was asked for has been met.
    func hasMisbehaved() async throws {
        try await waitUntil("every fault") { try await curl(herokuArguments("GET", "/sandbox/faults")) == "[]" }
    }

    func behave() async throws { _ = try await curl(herokuArguments("DELETE", "/sandbox/faults")) }

    /// How many requests the account has left.
    func limitRequests(to remaining: Int) async throws {
        _ = try await heroku("POST", "/sandbox/rate-limit", Data(#"{"remaining": \#(remaining)}"#.utf8))
    }

    // MARK: What GitHub does

    /// What `slipway sign` prints for a body.
    func sign(_ payload: Data) async throws -> String {
        try await run(Self.program, ["sign", try write(payload).path], environment: environment).text()
    }

    private func write(_ payload: Data) throws -> URL {
        let file = folder.appendingPathComponent("payload-\(UUID().uuidString).json")
        try payload.write(to: file)
        return file
    }

    /// Delivers an event.
    /// - Parameter signature: nil: the right one.
    /// - Returns: the server's answer, its status first.
    func deliver(
        _ event: String, _ payload: Data, signature: String? = nil, guid: String = UUID().uuidString
    ) async throws -> (Int, [String: Any]) {
        let file = try write(payload)
        let signature = if let signature { signature } else { try await sign(payload) }
        let answer = try await curl(
            "--data-binary", "@\(file.path)", "--header", "Content-Type: application/json",
            "--header", "X-GitHub-Event: \(event)", "--header", "X-GitHub-Delivery: \(guid)",
            "--header", "X-Hub-Signature-256: \(signature)", "--write-out", "\n%{http_code}",
            "\(serverURL)/hooks/github")
        let lines = answer.split(separator: "\n")
        return (Int(lines.last ?? "") ?? 0, try json(lines.dropLast().joined(separator: "\n")))
    }

    /// Delivers a push and returns the number of the one job it made, now or when it was first delivered; or that a look
    /// at the repository, with which a server starts, has made just before.
    func push(_ repository: Repository, ref: String = "refs/heads/main", guid: String = UUID().uuidString) async throws
        -> Int
    {
        try await takeJob("push", try await repository.pushPayload(ref: ref), guid: guid)
    }

    /// The same of any event.
    func takeJob(
        _ event: String, _ payload: Data, signature: String? = nil, guid: String = UUID().uuidString
    ) async throws -> Int {
        let (status, answer) = try await deliver(event, payload, signature: signature, guid: guid)
        let isKnown = ["duplicate", "joined"].contains(answer["decision"] as? String)
        try #require(status == 202 || isKnown, "\(answer)")
        let jobs = try #require(answer["jobs"] as? [[String: Any]])
        try #require(jobs.count == 1)
        return try #require(jobs[0]["id"] as? Int)
    }

    // MARK: What people do

    /// Asks the server as a program with a token.
    func ask(_ path: String, _ arguments: String...) async throws -> String {
        try await curl(["--header", "Authorization: Bearer \(Self.token)", serverURL + path] + arguments)
    }

    /// Until a step of a job has said it.
    func waitFor(_ words: String, in job: Int) async throws {
        try await waitUntil("“\(words)” of job \(job)") {
            let now = try await self.job(job)
            let (state, log) = (now["state"] as? String, try await ask("/jobs/\(job)/log"))
            if log.contains(words) { return true }
            try #require(
                state == "queued" || state == "running", "job \(job) ended without “\(words)”: \(now)\n\(log)")
            return false
        }
    }

    func job(_ job: Int) async throws -> [String: Any] { try json(try await ask("/jobs/\(job)")) }

    /// Follows a job's log until the job ends.
    func finish(_ job: Int) async throws -> FinishedJob {
        let log = try await ask("/jobs/\(job)/log?follow=1")
        return FinishedJob(try await self.job(job), log: log)
    }

    /// What an app's own address answers.
    func page(of app: String) async throws -> String {
        let url = try #require(try await heroku("GET", "/apps/\(app)")["web_url"] as? String)
        return try await curl("--fail", url)
    }

    private func herokuArguments(_ method: String, _ path: String) -> [String] {
        [
            "--fail", "--request", method, herokuURL + path,
            "--header", "Authorization: Bearer \(environment["HEROKU_API_KEY"] ?? "")",
            "--header", "Accept: application/vnd.heroku+json; version=3",
        ]
    }

    private func heroku(_ method: String, _ path: String, _ body: Data? = nil) async throws -> [String: Any] {
        var arguments = herokuArguments(method, path)
        if let body {
            arguments += [
                "--header", "Content-Type: application/json", "--data", String(decoding: body, as: UTF8.self),
            ]
        }
        return try json(try await curl(arguments))
    }
}

/// A job that has ended, as `GET /jobs/{id}` shows it.
struct FinishedJob: Sendable {
    let state: String
    let reason: String
    /// `name state` in the order they run.
    let steps: [String]
    let log: String

    init(_ json: [String: Any], log: String) {
        state = json["state"] as? String ?? ""
        reason = json["reason"] as? String ?? ""
        steps = (json["steps"] as? [[String: Any]] ?? []).map { "\($0["name"] ?? "") \($0["state"] ?? "")" }
        self.log = log
    }
}

func curl(_ arguments: String...) async throws -> String { try await curl(arguments) }

func curl(_ arguments: [String]) async throws -> String {
    try await run("curl", ["--silent", "--show-error", "--noproxy", "*", "--max-time", "300"] + arguments).text()
}

func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "not JSON: \(text)")
}

/// A yard for one test, with a repository of an example's files.
/// - Parameters:
///   - name: of the repository, `owner/name`.
///   - apps: as `Yard` takes it, with REPOSITORY in the place of the repository's folder.
///   - surroundings: given the test's folder.
func withYard(
    of example: String, named name: String, herokuApps: [String: [String: String]], apps: String,
    in surroundings: (URL) async throws -> Yard.Surroundings = { _ in Yard.Surroundings() },
    _ body: (Yard, Repository) async throws -> Void
) async throws {
    try await withFolder { folder in
        let repository = try await Repository(
            of: Yard.source.appendingPathComponent("examples/\(example)"), named: name, in: folder)
        let yard = try await Yard(
            herokuApps: herokuApps, folder: folder, apps: apps.replacing("REPOSITORY", with: repository.folder.path),
            in: try await surroundings(folder))
        do {
            try await body(yard, repository)
        } catch {
            print(await yard.serverLog)
            await yard.close()
            throw error
        }
        await yard.close()
    }
}

/// A folder for one test, removed after it.
func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try await body(folder.url)
}

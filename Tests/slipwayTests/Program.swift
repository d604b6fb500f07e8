import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@testable import slipway

/// The real binary, beside the test bundle in the build folder.
enum Program {
    static var path: String {
        URL(fileURLWithPath: Share.executable).deletingLastPathComponent().appendingPathComponent("slipway").path
    }

    /// Where `Public/` and `examples/` are.
    static var repository: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
    }

    /// - Parameters:
    ///   - input: a file to be its standard input.
    ///   - script: of a shell that has the command as "$@".
    static func run(
        _ arguments: [String], input: String? = nil, through script: String? = nil, environment: [String: String] = [:]
    ) async throws -> (code: Int32, output: String, error: String) {
        let environment = environment.merging(["PATH": "/usr/bin:/bin"]) { own, _ in own }
        let command =
            if let script {
                Command("/bin/sh", ["-c", script, "sh", path] + arguments, environment: environment)
            } else if let input {
                Command("/bin/sh", ["-c", #"exec "$@" <"$0""#, input, path] + arguments, environment: environment)
            } else {
                Command(path, arguments, environment: environment)
            }
        let result = try await CommandRunner().collect(command, within: nil)
        guard case .code(let code) = result.exit else { throw Unexpected(what: "\(result.exit)") }
        return (code, result.text, result.lastWords)
    }
}

struct Unexpected: Error {
    let what: String
}

/// `slipway serve` in a process of its own, on a free port, with an app whose repository does not exist.
struct RunningServer: Sendable {
    static let secret = "It's a Secret to Everybody"
    static let token = "token-of-the-tests"

    let folder: TemporaryFolder
    let process: ChildProcess
    let address: String
    let lines: Current<[String]>
    let end: Current<String?>

    static func configuration(jobs: Int = 2) -> String {
        """
        server:
          listen: 127.0.0.1:0
          data: data
          jobs: \(jobs)
          drain: 1s
          webhook_secrets: ["${HOOK_SECRET}"]
          tokens: [{name: tests, value: "${TOKEN}", may: [read, deploy]}]
        heroku: {api_key: "${KEY}", api_url: "http://127.0.0.1:9", registry: "127.0.0.1:9"}
        apps:
          hello:
            repository: Codertocat/Hello-World
            clone_url: file:///nowhere/at/all
            targets:
              production: {heroku: hello-production, when: {push: ["**"]}}

        """
    }

    static let environment = [
        "HOOK_SECRET": secret, "TOKEN": token, "KEY": "key-of-the-tests", "PATH": "/usr/bin:/bin",
        "SLIPWAY_SHARE": Program.repository, "DOCKER_HOST": "unix:///nowhere/docker.sock",
    ]

    /// - Parameters:
    ///   - folder: of one before it, whose data it takes over.
    ///   - launcher: a command line that ends in running what follows it.
    ///   - options: of `slipway serve`.
    init(
        _ configuration: String = configuration(), in folder: TemporaryFolder? = nil, launcher: [String] = [],
        options: [String] = []
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        let file = try folder.write(configuration, to: "slipway.yml")
        let lines = Current<[String]>([])
        let end = Current<String?>(nil)
        let command = launcher + [Program.path, "serve", "--config", file] + options
        process = ChildProcess(
            "serve", executable: command[0], arguments: Array(command.dropFirst()), environment: Self.environment
        ) { line in
            lines.value += [line]
        } onEnd: {
            end.value = $0
        }
        self.lines = lines
        self.end = end
        let ready = try await eventually("the address") {
            lines.value.lazy.compactMap { $0.firstMatch(of: /address=(https?:[^ ]+)/)?.output.1 }.first.map(String.init)
        }
        address = ready
    }

    func line(containing text: String) async throws -> String {
        try await eventually("a line with \(text)") { lines.value.first { $0.contains(text) } }
    }

    func ended() async throws -> String { try await eventually("the end") { end.value } }

    func get(_ path: String, token: String? = RunningServer.token) async throws -> (status: Int, text: String) {
        var request = HTTPClientRequest(.get, address + path, headers: ["Accept": "application/json"])
        request.headers["Authorization"] = token.map { "Bearer \($0)" }
        return try await send(request)
    }

    /// Delivers as GitHub does.
    func deliver(_ event: String, _ body: String, secret: String = RunningServer.secret) async throws
        -> (status: Int, text: String)
    {
        let bytes = Array(body.utf8)
        let signature = HMACSHA256.authenticate(bytes, key: Array(secret.utf8)).hex
        return try await send(
            HTTPClientRequest(
                .post, address + "/hooks/github",
                headers: [
                    "Content-Type": "application/json", "X-GitHub-Event": event,
                    "X-GitHub-Delivery": UUID().uuidString, "X-Hub-Signature-256": "sha256=" + signature,
                ], body: bytes))
    }

    func post(_ path: String) async throws -> Int {
        try await send(
            HTTPClientRequest(.post, address + path, headers: ["Authorization": "Bearer \(Self.token)"])
        ).status
    }

    /// The state of a job as the server tells it.
    func state(of job: Int) async throws -> String? {
        let answer = try await get("/jobs/\(job)")
        return answer.status == 200
            ? try JSONDecoder().decode(JobAnswer.self, from: Data(answer.text.utf8)).state : nil
    }

    func wait(for state: String, of job: Int) async throws {
        try await waitUntil("job \(job), \(state)") { try await self.state(of: job) == state }
    }

    func open(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        try await HTTPClient(tls: try TLSClientContext()).send(request)
    }

    private func send(_ request: HTTPClientRequest) async throws -> (status: Int, text: String) {
        let response = try await open(request)
        return (response.status.code, try await response.text)
    }
}

extension HTTPClientResponse {
    var text: String {
        get async throws { String(decoding: try await body.collect(upTo: 1 << 20), as: UTF8.self) }
    }
}

/// A host that takes connections and never says a word: what is fetched from it goes on until it is stopped.
final class SilentHost: Sendable {
    let port: Int
    private let accepting: Task<Void, Never>

    init() throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        port = listener.port
        accepting = Task {
            var streams: [ByteStream] = []
            while let (stream, _) = try? await listener.accept() { streams.append(stream) }
        }
    }

    deinit { accepting.cancel() }
}

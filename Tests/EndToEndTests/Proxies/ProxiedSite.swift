import Foundation
import RegexBuilder
import SlipwayNet
import TestSupport
import Testing

/// A server and a proxy in front of it, and clients on the other side.
struct ProxiedSite: Sendable {
    static let token = "a-token-that-is-sent-through-a-proxy"
    private static let secret = "a-secret-of-deliveries-through-a-proxy"
    /// The name in docs/proxy.md.
    let host = "deploy.example.com"
    private let folder: URL
    private let enclave: Enclave

    /// - Parameters:
    ///   - file: the proxy's, by its path; every `.pem` that it names holds the host's certificate and key.
    ///   - server: the lines of `server:` that the proxy needs.
    ///   - command: what runs the proxy in the foreground.
    ///   - page: that is there once both are.
    init(
        _ file: String, _ text: String, server: String, command: String,
        page: String = "https://deploy.example.com/healthz", in folder: URL
    ) async throws {
        self.folder = folder
        let etc = folder.appendingPathComponent("etc")
        func write(_ data: Data, to path: String) throws {
            let file = folder.appendingPathComponent(path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try data.write(to: file)
        }
        try write(Data(text.utf8), to: file)
        try write(Data((server + Self.more).utf8), to: "etc/slipway/slipway.yml")
        let certificates = try await TestCertificates()
        let made = try await certificates.certificate("DNS:\(host)")
        let pair = try [made.certificate, made.key].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
        for path in text.matches(of: /\/etc\/\S+\.pem/) {
            try write(pair[0] + pair[1], to: String(path.output))
        }
        try write(Data(contentsOf: URL(fileURLWithPath: certificates.authority)), to: "authority.pem")

        enclave = try await Enclave(
            etc: etc,
            script: """
                for address in 192.0.2.1 198.51.100.7 198.51.100.8; do ip address add $address/32 dev lo; done
                for address in 2001:db8::1 2001:db8:1::7 2001:db8:2::7; do ip address add $address/128 dev lo nodad; done
                echo '192.0.2.1 \(host)' >>/etc/hosts
                echo '2001:db8::1 \(host)' >>/etc/hosts
                git init --quiet --initial-branch=main /run/hello
                echo FROM scratch >/run/hello/Dockerfile
                git -C /run/hello add Dockerfile
                git -C /run/hello -c user.name=Ada -c user.email=ada@example.com commit --quiet --message Begin
                SLIPWAY_SHARE='\(Yard.source.path)' DOCKER_HOST=unix:///run/docker.sock \\
                    '\(Yard.program)' serve --config /etc/slipway/slipway.yml &
                \(command)
                """)
        do {
            _ = try await enclave.waitFor(/address=http:/)
            // The proxy does not say when it is there.
            try await waitUntil("the proxy's page") {
                guard await enclave.isRunning else { throw EndedEarly(printed: await enclave.printed) }
                return try await curl(page) == "ok"
            }
        } catch {
            await enclave.close()
            throw error
        }
    }

    private static let more = """
          data: /run/slipway
          jobs: 4
          webhook_secrets: [\(secret)]
          tokens: [{name: ops, value: \(token), may: [read, deploy]}]
        heroku: {api_key: none, api_url: "http://127.0.0.1:9", registry: "127.0.0.1:9"}
        apps:
          hello:
            repository: octocat/hello
            clone_url: file:///run/hello
            targets:
              production: {heroku: hello-production, when: {push: ["**"]}}
              staging: {heroku: hello-staging, when: {push: [none]}}

        """

    func close() async { await enclave.close() }

    /// By the server and the proxy.
    var printed: String {
        get async { await enclave.printed }
    }

    /// Until one of them has printed it.
    func says(_ words: String) async throws { _ = try await enclave.waitFor(Regex { words }) }

    // MARK: Clients

    var jar: String { folder.appendingPathComponent("cookies").path }

    private var options: [String] {
        [
            "--silent", "--show-error", "--noproxy", "*", "--max-time", "120", "--ipv4",
            "--cacert", folder.appendingPathComponent("authority.pem").path,
        ]
    }

    /// - Returns: what it printed, errors included.
    func curl(_ arguments: String...) async throws -> String { try await curl(arguments) }

    func curl(_ arguments: [String]) async throws -> String {
        try await enclave.run("curl", options + arguments).output.trimmingCharacters(in: .newlines)
    }

    private static let authorization = ["--header", "Authorization: Bearer \(token)"]

    func ask(_ path: String, _ arguments: String...) async throws -> String {
        try await curl(Self.authorization + ["https://\(host)\(path)"] + arguments)
    }

    func stream(_ path: String, _ arguments: String...) -> BackgroundProgram {
        let stream = ["--no-buffer", "https://\(host)\(path)"]
        return enclave.start("curl", options + Self.authorization + stream + arguments, in: folder)
    }

    /// - Returns: the status.
    func logIn(_ token: String, _ arguments: String...) async throws -> String {
        try await curl(
            [
                "--output", "/dev/null", "--write-out", "%{http_code}", "--data-urlencode", "token=\(token)",
                "--header", "Origin: https://\(host)", "--header", "Sec-Fetch-Site: same-origin",
                "https://\(host)/login",
            ] + arguments)
    }

    /// The body of a push of the repository's commit.
    func push(_ ref: String, _ more: [String: Any] = [:]) async throws -> Data {
        let commit = try await enclave.run("git", ["-C", "/run/hello", "rev-parse", "HEAD"]).text()
        let payload: [String: Any] = [
            "ref": ref, "after": commit, "deleted": false, "pusher": ["name": "ada"],
            "repository": ["id": 4711, "full_name": "octocat/hello"],
            "head_commit": ["id": commit, "message": "Begin", "author": ["name": "Ada"]],
        ]
        return try JSONSerialization.data(withJSONObject: payload.merging(more) { $1 })
    }

    /// Delivers as GitHub does.
    /// - Returns: the status; 0: no answer.
    func deliver(_ event: String, _ payload: Data, secret: String = secret) async throws -> Int {
        let file = folder.appendingPathComponent("payload-\(UUID().uuidString).json")
        try payload.write(to: file)
        let signature = HMACSHA256.authenticate(Array(payload), key: Array(secret.utf8)).hex
        let status = try await curl(
            "--output", "/dev/null", "--write-out", "%{http_code}", "--data-binary", "@\(file.path)",
            "--header", "Content-Type: application/json", "--header", "X-GitHub-Event: \(event)",
            "--header", "X-GitHub-Delivery: \(UUID().uuidString)",
            "--header", "X-Hub-Signature-256: sha256=\(signature)", "https://\(host)/hooks/github")
        return Int(status) ?? 0
    }
}

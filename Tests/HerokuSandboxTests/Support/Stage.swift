import Foundation
import SlipwayBase
import SlipwayHTTP
import SlipwayNet
import TestSupport

@testable import HerokuSandbox

/// A sandbox that runs, with an app of its own, and the ways to it.
struct Stage: Sendable {
    let parts: Parts
    let sandbox: HerokuSandbox
    let app: String
    let webURL: String
    let folder: String
    let client: HTTPClient

    /// Removes everything that it made, even if the body throws.
    static func with<Result: Sendable>(
        _ behaviour: Behaviour = .prompt, web: Int? = nil, configVars: [String: String] = [:],
        _ body: @Sendable (Stage) async throws -> Result
    ) async throws -> Result {
        let parts = try Parts.fromEnvironment()
        return try await withFolder { folder in
            try await sh(
                """
                cd "$FOLDER"
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
                    -addext subjectAltName=IP:127.0.0.1,DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
                """, ["FOLDER": folder])
            var settings = SandboxSettings(
                apiKey: Secret(parts.password), registry: parts.registry, registryPassword: Secret(parts.password),
                certificate: folder + "/cert.pem", key: folder + "/key.pem", folder: folder + "/state")
            settings.docker = parts.docker
            settings.dockerHost = parts.dockerHost
            settings.behaviour = behaviour
            settings.memory = "64m"
            let sandbox = try HerokuSandbox(settings: settings)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await sandbox.run() }
                let app = "t-" + UUID().uuidString.lowercased().prefix(8)
                let webURL = try await sandbox.createApp(app, configVars: configVars, web: web)
                let stage = Stage(
                    parts: parts, sandbox: sandbox, app: app, webURL: webURL, folder: folder,
                    client: HTTPClient(tls: try TLSClientContext(ca: folder + "/cert.pem")))
                let outcome: Swift.Result<Result, any Error>
                do { outcome = .success(try await body(stage)) } catch { outcome = .failure(error) }
                group.cancelAll()
                while let ended = await group.nextResult() {
                    if case .failure(let error) = ended, !(error is CancellationError) { throw error }
                }
                await stage.removeImages()
                return try outcome.get()
            }
        }
    }

    // MARK: The API

    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var json: JSON
    }

    @discardableResult
    func api(
        _ method: HTTPMethod, _ path: String, _ body: JSON? = nil, variant: String? = nil, range: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(method, sandbox.apiURL + path)
        request.headers["Authorization"] = "Bearer " + parts.password
        request.headers["Accept"] = "application/vnd.heroku+json; version=3" + (variant.map { "." + $0 } ?? "")
        request.headers["Range"] = range
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = .bytes(body.bytes)
        }
        let response = try await client.send(request, deadline: .seconds(600))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return Answer(status: response.status.code, headers: response.headers, json: try JSON(bytes: bytes))
    }

    /// PATCHes the formation with images, as a deploy does.
    @discardableResult
    func release(_ images: [String: String]) async throws -> Answer {
        let updates = images.map { JSON.object(["type": .string($0.key), "docker_image": .string($0.value)]) }
        return try await api(.patch, "/apps/\(app)/formation", ["updates": .array(updates)], variant: "docker-releases")
    }

    func latestRelease() async throws -> JSON {
        let list = try await api(.get, "/apps/\(app)/releases", range: "version ..; max=1, order=desc")
        return list.json.array?.first ?? .null
    }

    /// Until the newest release's status is final.
    func settledRelease() async throws -> JSON {
        try await eventually("a final status") {
            let release = try await latestRelease()
            return release["status"] == "pending" ? nil : release
        }
    }

    func dynos(_ type: String) async throws -> [JSON] {
        let list = try await api(.get, "/apps/\(app)/dynos").json.array ?? []
        return list.filter { $0["type"]?.string == type }
    }

    /// Until all dynos of a type are in this state.
    @discardableResult
    func dynos(_ type: String, are state: String, count: Int = 1) async throws -> [JSON] {
        try await eventually("\(count) \(type) dynos that are \(state)") {
            let dynos = try await dynos(type)
            return dynos.count == count && dynos.allSatisfy { $0["state"]?.string == state } ? dynos : nil
        }
    }

    func get(_ url: String, headers: HTTPHeaders = [:]) async throws -> (status: Int, body: String) {
        let response = try await client.send(
            HTTPClientRequest(.get, url, headers: headers), deadline: .seconds(600))
        return (response.status.code, String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }

    /// Until the app's address answers this.
    func waitForPage(_ text: String) async throws {
        try await waitUntil("the page \(text)") { try await get(webURL).body.contains(text) }
    }

    func log() async throws -> String {
        try await sandbox.log(of: app).map(\.text).joined(separator: "\n")
    }

    func containers() async throws -> [String] {
        try await docker("ps -aq --filter label=\(sandbox.containerLabel)").split(separator: "\n").map(String.init)
    }

    // MARK: Images

    /// Serves a page with the text and the config var `GREETING`.
    static func page(_ text: String) -> String {
        "mkdir -p /tmp/www; echo \"\(text) $GREETING\" > /tmp/www/index.html; exec httpd -f -p 127.0.0.1:$PORT -h /tmp/www"
    }

    /// An image of a static busybox with a shell command, pushed.
    /// - Returns: its configuration's digest.
    func push(_ type: String, command: String, entrypoint: [String] = [], tag: String = "latest") async throws -> String
    {
        let name = "\(parts.registry)/\(app)/\(type):\(tag)"
        let entrypointJSON = JSON.array(entrypoint.map { .string($0) })
        let commandJSON = JSON.array(["/bin/sh", "-c", .string(command)])
        try await sh(
            """
            root="$FOLDER/root"
            if [ ! -d "$root" ]; then
                mkdir -p "$root/bin" "$root/tmp"; chmod 1777 "$root/tmp"
                cp "$(command -v busybox)" "$root/bin/busybox"
                for applet in sh httpd echo sleep cat id true false mkdir env stty; do ln -s busybox "$root/bin/$applet"; done
            fi
            tar -C "$root" -c . | "$SLIPWAY_DOCKER" import --change "ENTRYPOINT $ENTRYPOINT" --change "CMD $COMMAND" - "$NAME" >/dev/null
            "$SLIPWAY_DOCKER" --config "$FOLDER/state/docker" push --quiet "$NAME" >/dev/null
            """,
            [
                "FOLDER": folder, "NAME": name, "COMMAND": String(decoding: commandJSON.bytes, as: UTF8.self),
                "ENTRYPOINT": String(decoding: entrypointJSON.bytes, as: UTF8.self),
                "SLIPWAY_DOCKER": parts.docker, "DOCKER_HOST": parts.dockerHost,
            ])
        return try await docker("inspect --format '{{.Id}}' \(name)")
    }

    @discardableResult
    func docker(_ arguments: String) async throws -> String {
        try await sh(
            "\"$SLIPWAY_DOCKER\" \(arguments)", ["SLIPWAY_DOCKER": parts.docker, "DOCKER_HOST": parts.dockerHost])
    }

    private func removeImages() async {
        let line = "images --quiet --no-trunc '\(parts.registry)/\(app)/*' | sort -u"
        guard let ids = try? await docker(line), !ids.isEmpty else { return }
        _ = try? await docker("rmi --force \(ids.split(separator: "\n").joined(separator: " "))")
    }
}

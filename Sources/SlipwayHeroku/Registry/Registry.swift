import Foundation
import SlipwayBase
import SlipwayDeploy
import SlipwayHTTP
import SlipwayNet

/// A container registry's manifests, over its HTTP API (OCI distribution spec, "Pulling manifests").
struct Registry: Sendable {
    /// Host, or host:port.
    let host: String
    private let key: Secret
    private let send: @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse
    /// Before each further try.
    private let pauses: [Duration]
    private let report: @Sendable (String) async -> Void
    /// Who asks for more patience than this is not waited for.
    private static let longestPause = Duration.seconds(60)

    /// - Parameters:
    ///   - report: takes one line for each further try.
    ///   - send: an HTTP client.
    init(
        host: String, key: Secret, pauses: [Duration] = [.seconds(1), .seconds(3)],
        report: @escaping @Sendable (String) async -> Void = { _ in },
        send: @escaping @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse
    ) {
        self.host = host
        self.key = key
        self.pauses = pauses
        self.report = report
        self.send = send
    }

    /// The config digest of an image as the registry has it: what Heroku calls `docker_image`.
    ///
    /// By the manifest's digest, which the push has printed, no other push can come between. Some registries answer
    /// by tag only; then the image must be the one that was pushed from here.
    /// - Parameters:
    ///   - repository: `app/type`.
    ///   - digest: the manifest's, `sha256:…`; nil when the push printed none.
    ///   - localID: the engine's id of the image.
    /// - Throws: `RegistryError`.
    func configDigest(of repository: String, manifest digest: String?, localID: String) async throws -> String {
        if let digest {
            do {
                return try await config(repository, digest)
            } catch RegistryError.refused(_, let status, _, _) where status == 404 || status == 405 || status == 400 {
                // By tag, below.
            }
        }
        let config = try await config(repository, "latest")
        guard config == localID else {
            throw RegistryError.otherImage(repository: "\(host)/\(repository)", expected: localID, found: config)
        }
        return config
    }

    private func config(_ repository: String, _ reference: String) async throws -> String {
        for pause in pauses {
            do {
                return try await configOnce(repository, reference)
            } catch let error as RegistryError where error.isTransient {
                let pause = min(max(error.retryAfter ?? .zero, pause.jittered), Self.longestPause)
                await report("\(error); trying again in \(pause.inWords)")
                try await Task.sleep(for: pause)
            }
        }
        return try await configOnce(repository, reference)
    }

    private func configOnce(_ repository: String, _ reference: String) async throws -> String {
        let name = "\(host)/\(repository)"
        let login = Data("_:\(key.revealed)".utf8).base64EncodedString()
        let request = HTTPClientRequest(
            .get, "\(scheme)://\(host)/v2/\(repository)/manifests/\(reference)",
            headers: [
                "Accept": "application/vnd.docker.distribution.manifest.v2+json", "Authorization": "Basic \(login)",
            ])
        let response: HTTPClientResponse
        let body: [UInt8]
        do {
            response = try await send(request)
            body = try await response.body.collect(upTo: 4 << 20)
        } catch let error as HTTPClientError {
            throw RegistryError.unreachable(host: host, reason: "\(error)")
        }
        guard response.status.isSuccess else {
            let said = String(decoding: body.prefix(300), as: UTF8.self).singleLine()
            throw RegistryError.refused(
                repository: name, status: response.status.code, said: said, retryAfter: response.retryAfter)
        }
        let manifest = try? JSONDecoder().decode(Manifest.self, from: Data(body))
        guard let manifest, manifest.schemaVersion == 2, let digest = manifest.config?.digest else {
            let type = manifest?.mediaType ?? response.headers["Content-Type"] ?? "unknown"
            throw RegistryError.notSchema2(repository: name, mediaType: type.singleLine(limit: 100))
        }
        return digest
    }

    /// Plain HTTP goes nowhere but to this machine.
    private var scheme: String { Loopback.holds(authority: host) ? "http" : "https" }

    private struct Manifest: Decodable {
        struct Config: Decodable {
            var digest: String
        }

        var schemaVersion: Int
        var mediaType: String?
        var config: Config?
    }
}

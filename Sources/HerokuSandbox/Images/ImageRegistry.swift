import Foundation
import SlipwayBase
import SlipwayHTTP
import SlipwayNet
import Synchronization

/// Finds images in the registry by the digest of their configuration, as the platform does.
final class ImageRegistry: Sendable {
    enum Lookup: Sendable {
        case found(ImageReference)
        /// It is there as something that Heroku refuses (docs/heroku.md, T1).
        case refused(mediaType: String)
        case missing
    }

    private let address: String
    private let authorization: String
    private let client: HTTPClient
    /// By `<app> <config digest>`: a later push takes the tag away, but not the image.
    private let known = Mutex<[String: ImageReference]>([:])

    init(address: String, password: Secret, client: HTTPClient) {
        self.address = address
        self.client = client
        authorization = "Basic " + Data("_:\(password.revealed)".utf8).base64EncodedString()
    }

    /// - Parameters:
    ///   - digest: of the image's configuration.
    ///   - type: whose `:latest` is looked at before the app's other repositories and tags.
    func find(_ digest: String, app: String, type: String) async throws -> Lookup {
        let key = "\(app) \(digest)"
        if let image = known.withLock({ $0[key] }) { return .found(image) }
        var refusal: String?
        func look(_ repository: String, _ tag: String) async throws -> ImageReference? {
            guard let manifest = try await manifest(repository, tag) else { return nil }
            guard manifest.mediaType == Self.schema2 else {
                if refusal == nil || manifest.config == digest { refusal = manifest.mediaType }
                return nil
            }
            guard manifest.config == digest else { return nil }
            var image = ImageReference(config: digest, repository: repository, manifest: manifest.digest)
            try await readCommand(&image)
            known.withLock { $0[key] = image }
            return image
        }
        if let image = try await look("\(app)/\(type)", "latest") { return .found(image) }
        for repository in try await repositories(of: app) {
            for tag in try await tags(of: repository) where (repository, tag) != ("\(app)/\(type)", "latest") {
                if let image = try await look(repository, tag) { return .found(image) }
            }
        }
        return refusal.map { .refused(mediaType: $0) } ?? .missing
    }

    private struct Manifest {
        var mediaType: String
        var digest: String
        var config: String?
    }

    static let schema2 = "application/vnd.docker.distribution.manifest.v2+json"
    private static let accepted = [
        schema2, "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json",
    ].joined(separator: ", ")

    private func manifest(_ repository: String, _ tag: String) async throws -> Manifest? {
        guard let (headers, body) = try await get("\(repository)/manifests/\(tag)", accept: Self.accepted),
            let json = try? JSON(bytes: body), let digest = headers["Docker-Content-Digest"]
        else { return nil }
        let mediaType = json["mediaType"]?.string ?? headers["Content-Type"] ?? "an unknown type"
        return Manifest(mediaType: mediaType, digest: digest, config: json["config"]?["digest"]?.string)
    }

    private func readCommand(_ image: inout ImageReference) async throws {
        guard let (_, body) = try await get("\(image.repository)/blobs/\(image.config)", accept: "*/*"),
            let config = try? JSON(bytes: body)["config"]
        else { throw SandboxError.registry("has no configuration \(image.config) in \(image.repository)") }
        image.entrypoint = config["Entrypoint"]?.array?.compactMap(\.string) ?? []
        image.command = config["Cmd"]?.array?.compactMap(\.string) ?? []
    }

    private func repositories(of app: String) async throws -> [String] {
        guard let (_, body) = try await get("_catalog?n=1000", accept: "application/json") else { return [] }
        let names = try JSON(bytes: body)["repositories"]?.array?.compactMap(\.string) ?? []
        return names.filter { $0.hasPrefix(app + "/") }
    }

    private func tags(of repository: String) async throws -> [String] {
        guard let (_, body) = try await get("\(repository)/tags/list", accept: "application/json") else { return [] }
        return try JSON(bytes: body)["tags"]?.array?.compactMap(\.string) ?? []
    }

    /// - Returns: nil where there is no such thing.
    private func get(_ path: String, accept: String) async throws -> (HTTPHeaders, [UInt8])? {
        let scheme = Loopback.holds(authority: address) ? "http" : "https"
        var request = HTTPClientRequest(.get, "\(scheme)://\(address)/v2/\(path)")
        request.headers["Authorization"] = authorization
        request.headers["Accept"] = accept
        let response = try await client.send(request)
        let body = try await response.body.collect(upTo: 4 << 20)
        switch response.status.code {
        case 200: return (response.headers, body)
        case 404: return nil
        case 401: throw SandboxError.registry("\(address) refuses the password; set the one of its user _")
        default: throw SandboxError.registry("\(address) answered \(response.status) to GET /v2/\(path)")
        }
    }
}

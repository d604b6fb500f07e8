import Foundation
import SlipwayBase
import Synchronization
import Testing

@testable import SlipwayDeploy
@testable import SlipwayHTTP
@testable import SlipwayHeroku

struct RegistryTests {
    private let schema2 =
        #"{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","config":{"digest":"sha256:c0"}}"#

    /// A registry that answers by reference, and what it was asked.
    private func registry(
        _ answers: [String: (Int, String)], host: String = "registry.heroku.com", asked: Asked = Asked()
    ) -> Registry {
        Registry(host: host, key: Secret("key")) { request in
            asked.requests.withLock { $0.append(request) }
            let reference = request.url.split(separator: "/").last.map(String.init) ?? ""
            let (status, body) = answers[reference] ?? (404, "{}")
            return HTTPClientResponse(status: HTTPStatus(status), headers: [:], body: .bytes(Array(body.utf8)))
        }
    }

    private final class Asked: Sendable {
        let requests = Mutex<[HTTPClientRequest]>([])
    }

    @Test func `reads the config digest by the digest that the push printed`() async throws {
        let asked = Asked()
        let registry = registry(["sha256:m": (200, schema2)], asked: asked)
        #expect(try await registry.configDigest(of: "a/web", manifest: "sha256:m", localID: "sha256:c0") == "sha256:c0")
        let request = try #require(asked.requests.withLock { $0.first })
        #expect(request.url == "https://registry.heroku.com/v2/a/web/manifests/sha256:m")
        #expect(request.headers["Accept"] == "application/vnd.docker.distribution.manifest.v2+json")
        #expect(request.headers["Authorization"] == "Basic XzprZXk=")
    }

    @Test func `asks by tag where the registry refuses digests, and then compares with the local image`() async throws {
        let registry = registry(["latest": (200, schema2)])
        #expect(try await registry.configDigest(of: "a/web", manifest: "sha256:m", localID: "sha256:c0") == "sha256:c0")
        await #expect(
            throws: RegistryError.otherImage(
                repository: "registry.heroku.com/a/web", expected: "sha256:mine", found: "sha256:c0")
        ) { try await registry.configDigest(of: "a/web", manifest: "sha256:m", localID: "sha256:mine") }
    }

    @Test func `takes no index for an image`() async throws {
        let index = #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#
        let registry = registry(["sha256:m": (200, index)])
        await #expect(throws: RegistryError.self) {
            try await registry.configDigest(of: "a/web", manifest: "sha256:m", localID: "sha256:c0")
        }
    }

    @Test func `a registry in trouble is asked again, which is said, and not for ever`() async throws {
        for (failures, ends) in [(2, true), (3, false)] {
            let asked = Asked()
            let said = Mutex<[String]>([])
            let registry = Registry(
                host: "registry.heroku.com", key: Secret("key"), pauses: [.milliseconds(1), .milliseconds(1)],
                report: { line in said.withLock { $0.append(line) } }
            ) { request in
                let count = asked.requests.withLock { requests in
                    requests.append(request)
                    return requests.count
                }
                let body = Array(schema2.utf8)
                return HTTPClientResponse(
                    status: HTTPStatus(count > failures ? 200 : 503), headers: [:], body: .bytes(body))
            }
            let digest = try? await registry.configDigest(of: "a/web", manifest: "sha256:m", localID: "sha256:c0")
            #expect(digest == (ends ? "sha256:c0" : nil))
            #expect(asked.requests.withLock { $0.count } == 3)
            let lines = said.withLock { $0 }
            #expect(lines.count == 2)
            #expect(
                lines.allSatisfy {
                    $0.hasPrefix("the registry refuses to show registry.heroku.com/a/web (503: ")
                        && $0.contains("; trying again in ")
                })
        }
    }

    @Test func `a wrong key is not tried twice`() async throws {
        let asked = Asked()
        let registry = registry(["sha256:m": (401, "unauthorized")], asked: asked)
        let error = await #expect(throws: RegistryError.self) {
            try await registry.configDigest(of: "a/web", manifest: "sha256:m", localID: "sha256:c0")
        }
        #expect("\(try #require(error))".contains("check heroku.api_key"))
        #expect(asked.requests.withLock { $0.count } == 1)
    }

    @Test(arguments: [
        ("registry.heroku.com", false), ("127.0.0.1:5000", true), ("localhost:5000", true), ("[::1]:5000", true),
        ("127.0.0.1.example.com", false), ("localhost.example.com", false), ("10.0.0.1:5000", false),
        ("127.evil.example.com", false),
    ])
    func `speaks plain HTTP with this machine only`(_ host: String, _ isLoopback: Bool) async throws {
        let asked = Asked()
        let registry = registry(["sha256:m": (200, schema2)], host: host, asked: asked)
        _ = try await registry.configDigest(of: "a/web", manifest: "sha256:m", localID: "")
        #expect(asked.requests.withLock { $0[0].url.hasPrefix(isLoopback ? "http://" : "https://") })
    }
}

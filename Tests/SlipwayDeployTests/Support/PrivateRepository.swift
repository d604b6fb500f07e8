import Foundation
import SlipwayBase
import SlipwayHTTP
import SlipwayNet
import Synchronization
import TestSupport
import Testing

@testable import SlipwayDeploy

/// A repository over HTTPS behind Basic authentication, by git's plainest protocol (files as they lie).
///
/// While a request is being answered the git that sent it runs, so that is when argument lists are looked at.
final class PrivateRepository: Sendable {
    let repository: GitRepository
    let token = "ghp_\(UUID().uuidString.filter { $0 != "-" })"
    private let certificates: TestCertificates
    private let tls: TLSServerContext
    private let seen = Mutex(Seen())

    struct Seen: Sendable {
        var statuses: [Int] = []
        /// Argument lists of git processes while they asked.
        var arguments: Set<String> = []
    }

    init() async throws {
        repository = try await GitRepository()
        certificates = try await TestCertificates()
        tls = try TLSServerContext(certificates: [try await certificates.certificate("IP:127.0.0.1")])
    }

    /// Whom a client trusts.
    var certificate: String { certificates.authority }
    var whatWasSeen: Seen { seen.withLock { $0 } }
    /// What a client shows that has the token, as bytes of a header.
    var login: String { Data("x-access-token:\(token)".utf8).base64EncodedString() }

    /// Serves while `body` runs, which gets the clone URL.
    func serve(_ body: (String) async throws -> Void) async throws {
        try await repository.git("update-server-info")
        let files = StaticFiles(root: repository.folder.path + "/.git")
        var router = Router()
        router.on(.get, "/owner/my_app.git/{path...}") { [self] request, parameters in
            let running = Self.argumentLists()
            let isAllowed = request.headers["Authorization"] == "Basic \(login)"
            var response = HTTPResponse.text("who are you?\n")
            response.status = .unauthorized
            response.headers["WWW-Authenticate"] = #"Basic realm="private""#
            if isAllowed {
                response = files.respond(to: request, path: parameters["path"] ?? "") ?? .text("no\n")
                if response.headers["ETag"] == nil { response.status = .notFound }
            }
            let status = response.status.code
            seen.withLock {
                $0.statuses.append(status)
                $0.arguments.formUnion(running)
            }
            return response
        }
        let server = try HTTPServer(host: "127.0.0.1", port: 0, tls: tls, limits: .patient, router: router)
        let running = Task { try? await server.run() }
        defer { running.cancel() }
        try await body("https://127.0.0.1:\(server.port)/owner/my_app.git")
    }

    private static func argumentLists() -> [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { process in
            guard Int(process) != nil, let data = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
            else { return nil }
            let text = String(decoding: data, as: UTF8.self).replacing("\0", with: " ")
            return text.contains("git") ? text : nil
        }
    }
}

import SlipwayBase
import SlipwayCore
import SlipwayHTTP
import TestSupport
import Testing

@testable import slipway

@Suite struct RegistryLoginCheckTests {
    private func login(_ host: String, _ password: String = "right") -> RegistryLogin {
        RegistryLogin(host: host, user: "me", password: Secret(password))
    }

    /// A registry that asks for the password itself, or sends to a place for tokens.
    private func serving(tokens: Bool, _ test: (String) async throws -> Void) async throws {
        let right = "Basic bWU6cmlnaHQ="
        var router = Router()
        router.on(.get, "/v2/") { request, _ in
            if request.headers["Authorization"] == right, !tokens { return .text("{}") }
            var response = HTTPResponse.text("no", status: .unauthorized)
            let realm = "http://\(request.headers["Host"] ?? "")/token"
            response.headers["WWW-Authenticate"] =
                tokens ? #"Bearer realm="\#(realm)",service="registry.example""# : #"Basic realm="registry""#
            return response
        }
        router.on(.get, "/token") { request, _ in
            let asked = request.target.query.map { "\($0.name)=\($0.value)" }
            let isRight = request.headers["Authorization"] == right
            return isRight && asked == ["account=me", "service=registry.example"]
                ? .text("{}") : .text("no", status: .unauthorized)
        }
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: .patient, router: router)
        let running = Task { try? await server.run() }
        defer { running.cancel() }
        try await test("127.0.0.1:\(server.port)")
    }

    private func answer(_ login: RegistryLogin) async throws -> [Finding] {
        let question = try #require(RegistryLoginCheck(logins: [login], deadline: .seconds(600)).questions.first)
        return await question.ask()
    }

    @Test(arguments: [false, true])
    func `a registry is asked whether it takes the login`(tokens: Bool) async throws {
        try await serving(tokens: tokens) { host in
            #expect(try await answer(login(host)) == [.ok("registries: \(host) takes the login of me")])
            let wrong = try await answer(login(host, "wrong"))
            #expect(wrong.map(\.level) == [.error])
            #expect(wrong.first?.text.contains("check its user and password") == true)
        }
    }

    @Test func `one that cannot be reached from here is no error, for the engine pulls`() async throws {
        let findings = try await answer(login("127.0.0.1:1"))
        #expect(findings.map(\.level) == [.warning])
    }
}

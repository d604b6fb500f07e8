import SlipwayHTTP
import Testing

@Suite struct RouterTests {
    private func answer(_ method: HTTPMethod, _ path: String, _ routes: (inout Router) -> Void) async throws
        -> (status: Int, text: String, headers: HTTPHeaders)
    {
        var router = Router()
        routes(&router)
        let target = try #require(HTTPTarget(path))
        let response = await router.respond(to: HTTPRequest(method: method, target: target))
        guard case .bytes(let bytes) = response.body else { return (response.status.code, "", response.headers) }
        return (response.status.code, String(decoding: bytes, as: UTF8.self), response.headers)
    }

    private func routes(_ router: inout Router) {
        router.on(.get, "/") { _, _ in .text("root") }
        router.on(.get, "/jobs/{id}") { _, parameters in .text("job " + (parameters["id"] ?? "")) }
        router.on(.post, "/jobs/{id}/cancel") { _, parameters in .text("cancel " + (parameters["id"] ?? "")) }
        router.on(.get, "/assets/{path...}") { _, parameters in .text("asset " + (parameters["path"] ?? "")) }
        router.on(.get, "/fails") { _, _ in throw CancellationError() }
    }

    @Test func `finds handlers by method and path`() async throws {
        #expect(try await answer(.get, "/", routes).text == "root")
        #expect(try await answer(.get, "/jobs/7", routes).text == "job 7")
        #expect(try await answer(.head, "/jobs/7", routes).text == "job 7")
        #expect(try await answer(.post, "/jobs/7/cancel", routes).text == "cancel 7")
        #expect(try await answer(.get, "/assets/a/b.css", routes).text == "asset a/b.css")
    }

    @Test func `says what is wrong otherwise`() async throws {
        #expect(try await answer(.get, "/nothing", routes).status == 404)
        #expect(try await answer(.get, "/jobs/", routes).status == 404)
        #expect(try await answer(.get, "/jobs/7/cancel/now", routes).status == 404)
        let refused = try await answer(.delete, "/jobs/7", routes)
        #expect(refused.status == 405)
        #expect(refused.headers["Allow"] == "GET, HEAD")
        let failed = try await answer(.get, "/fails", routes)
        #expect(failed.status == 500)
        #expect(!failed.text.contains("Cancellation"))
    }

    @Test func `a slash divides, whatever stands after it`() async throws {
        var router = Router()
        router.on(.get, "/a/{id}") { _, parameters in .text(parameters["id"] ?? "") }
        let target = try #require(HTTPTarget("/a/b/%CC%81c"))
        #expect(await router.respond(to: HTTPRequest(method: .get, target: target)).status == .notFound)
    }
}

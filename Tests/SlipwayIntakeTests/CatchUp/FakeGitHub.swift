import SlipwayHTTP
import Synchronization
import TestSupport

/// GitHub's API for one repository with one hook, as far as its deliveries go, on a real server.
final class FakeGitHub: Sendable {
    struct Attempt: Sendable {
        var id: Int64
        var guid: String
        var event: String
        var action: String? = nil
        var hasArrived = false
        var repositoryID = 9
        var payload = "{}"
    }

    struct State: Sendable {
        var hookURL = "https://deploy.example/hooks/github"
        /// Where the hook is; what is not there has other hooks only.
        var place = "/repos/octo/shop"
        /// Newest first.
        var attempts: [Attempt] = []
        var pageSize = 100
        /// Instead of an answer.
        var refusal: HTTPResponse?
        var asked: [String] = []
        var tokens: Set<String> = []
    }

    let state = Mutex(State())

    /// The paths that were asked for since the last time.
    var asked: [String] {
        state.withLock { state in
            defer { state.asked = [] }
            return state.asked
        }
    }

    /// Serves while `test` runs, which gets the API's URL.
    func serve(_ test: (String) async throws -> Void) async throws {
        var router = Router()
        router.on(.get, "/{path...}") { [self] request, _ in
            state.withLock { answer(request, &$0) }
        }
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: .patient, router: router)
        let running = Task { try? await server.run() }
        defer { running.cancel() }
        try await test("http://127.0.0.1:\(server.port)")
    }

    private func answer(_ request: HTTPRequest, _ state: inout State) -> HTTPResponse {
        let path = request.target.path
        state.asked.append(path)
        state.tokens.insert(request.headers["Authorization"] ?? "none")
        if let refusal = state.refusal { return refusal }
        let hook = state.place + "/hooks/7"
        switch path {
        case "/repos/octo/shop": return .json(Array(#"{"id": 9, "full_name": "octo/shop"}"#.utf8))
        case "/repos/octo/shop/hooks" where state.place != "/repos/octo/shop": return .json(Array("[]".utf8))
        case state.place + "/hooks":
            return .json(
                Array(
                    """
                    [{"id": 6, "config": {"url": "https://ci.example/hook"}}, {"id": 5, "config": {}},
                     {"id": 7, "name": "web", "config": {"url": "\(state.hookURL)", "content_type": "json"}}]
                    """.utf8))
        case hook + "/deliveries":
            let first = request.target.value("cursor").flatMap { Int($0.dropFirst(3)) } ?? 0
            let page = state.attempts.dropFirst(first).prefix(state.pageSize)
            var response = HTTPResponse.json(Array("[\(page.map(\.entry).joined(separator: ","))]".utf8))
            if first + page.count < state.attempts.count {
                // Where it says to ask is not where the token goes.
                response.headers["Link"] =
                    "<https://evil.example/x?per_page=100&cursor=v1_\(first + page.count)>; rel=\"next\", "
                    + "<https://evil.example/x>; rel=\"first\""
            }
            return response
        default:
            guard let attempt = state.attempts.first(where: { path == "\(hook)/deliveries/\($0.id)" }) else {
                return .json(Array(#"{"message": "Not Found"}"#.utf8), status: .notFound)
            }
            return .json(
                Array(
                    #"{"id": \#(attempt.id), "request": {"headers": {"X": "y"}, "payload": \#(attempt.payload)}, "response": {}}"#
                        .utf8))
        }
    }
}

extension FakeGitHub.Attempt {
    fileprivate var entry: String {
        """
        {"id": \(id), "guid": "\(guid)", "delivered_at": "2026-11-22T19:00:00Z", "redelivery": false, "duration": 0.1,
         "status": "\(hasArrived ? "OK" : "failed to connect to host")", "status_code": \(hasArrived ? 202 : 0),
         "event": "\(event)", "action": \(action.map { "\"\($0)\"" } ?? "null"), "repository_id": \(repositoryID)}
        """
    }
}

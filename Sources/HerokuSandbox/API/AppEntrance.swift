import SlipwayBase
import SlipwayHTTP
import SlipwayNet

/// An app's own address: hands each request to a web dyno that serves, or answers Heroku's error page.
struct AppEntrance: Sendable {
    let platform: Platform
    /// The app's id; known once the address is bound.
    let app = Current("")

    /// Heroku cuts a request after 30 s without a first byte (H12).
    private static let timeout: Duration = .seconds(30)
    private static let largestBody = 64 << 20
    private static let hopByHop = [
        "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "TE", "Trailer", "Upgrade",
        "Proxy-Connection", "Date",
    ]

    var router: Router {
        var router = Router()
        for method in [HTTPMethod.get, .post, .put, .patch, .delete, .options] {
            router.on(method, "/{path...}") { request, _ in try await forward(request) }
        }
        return router
    }

    private func forward(_ request: HTTPRequest) async throws -> HTTPResponse {
        let log = try await platform.app(app.value).log
        let began = ContinuousClock.now
        let id = request.headers["X-Request-Id"] ?? makeIdentifier()
        func write(_ words: String, dyno: String, status: Int, level: String = "info") {
            let service = (ContinuousClock.now - began).milliseconds
            log.append(
                "heroku", "router",
                "at=\(level) \(words)method=\(request.method) path=\"\(request.target.raw.singleLine())\" "
                    + "request_id=\(id.singleLine(limit: 64)) dyno=\(dyno) service=\(service)ms status=\(status)")
        }
        switch await platform.webTarget(of: app.value) {
        case .failure(let code, let description):
            write("code=\(code) desc=\"\(description)\" ", dyno: "", status: 503, level: "error")
            return Self.failure(code)
        case .dyno(let name, let port):
            do {
                let response = try await send(request, port: port, id: id)
                write("", dyno: name, status: response.status.code)
                return response
            } catch HTTPClientError.deadlineExceeded {
                write("code=H12 desc=\"Request timeout\" ", dyno: name, status: 503, level: "error")
                return Self.failure("H12")
            } catch is HTTPClientError {
                write("code=H13 desc=\"Connection closed without response\" ", dyno: name, status: 503, level: "error")
                return Self.failure("H13")
            }
        }
    }

    private func send(_ request: HTTPRequest, port: Int, id: String) async throws -> HTTPResponse {
        var forwarded = HTTPClientRequest(request.method, "http://127.0.0.1:\(port)\(request.target.raw)")
        forwarded.headers = request.headers
        for name in Self.hopByHop { forwarded.headers[name] = nil }
        forwarded.headers["X-Forwarded-For"] = request.remoteAddress
        forwarded.headers["X-Forwarded-Proto"] = "http"
        forwarded.headers["X-Request-Id"] = id
        forwarded.body = .bytes(try await request.body.collect(upTo: Self.largestBody))
        let answer = try await platform.webClient.send(forwarded, deadline: Self.timeout)
        var response = HTTPResponse(answer.status, headers: answer.headers)
        for name in Self.hopByHop { response.headers[name] = nil }
        response.headers["Via"] = "1.1 heroku-router"
        if let length = answer.body.length, length <= 1 << 20 {
            response.body = .bytes(try await answer.body.collect(upTo: length))
        } else {
            response.body = .stream { writer in
                while let piece = try await answer.body.read() { try await writer.write(piece) }
            }
        }
        return response
    }

    static func failure(_ code: String) -> HTTPResponse {
        .text(
            """
            <!DOCTYPE html>
            <html><head><title>Application Error</title></head>
            <body><h1>Application error</h1><p>\(code)</p></body></html>

            """, status: .serviceUnavailable, type: "text/html; charset=utf-8")
    }
}

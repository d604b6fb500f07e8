import SlipwayHTTP
import SlipwayNet
import TestSupport

/// A server on a free port with routes that show what arrived.
func withServer<Result: Sendable>(
    limits: HTTPLimits = .patient, tls: TLSServerContext? = nil, proxies: [String] = [],
    _ more: (inout Router) -> Void, limits change: (inout HTTPLimits) -> Void = { _ in },
    _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    var limits = limits
    change(&limits)
    var router = Router()
    router.on(.get, "/hello", atHand: { _, _ in .text("hello\n") })
    router.on(.post, "/echo") { request, _ in
        HTTPResponse(.ok, body: .bytes(try await request.body.collect(upTo: 1_048_576)))
    }
    router.on(.post, "/ignore") { _, _ in .text("ignored\n") }
    router.on(.get, "/stream") { _, _ in
        HTTPResponse(
            .ok,
            body: .stream { writer in
                for word in ["one ", "two ", "three"] { try await writer.write(word) }
            })
    }
    more(&router)
    let server = try HTTPServer(
        host: "127.0.0.1", port: 0, tls: tls, limits: limits, proxies: { proxies }, router: router)
    let running = Task { try await server.run() }
    defer { running.cancel() }
    let result = try await body(server.port)
    running.cancel()
    try await running.value
    return result
}

func withServer<Result: Sendable>(
    limits: HTTPLimits = .patient, tls: TLSServerContext? = nil, _ body: @Sendable (Int) async throws -> Result
) async throws -> Result {
    try await withServer(limits: limits, tls: tls, { _ in }, body)
}

import SlipwayHTTP
import TestSupport
import Testing

/// Requests that are answered without waking their connection's task, alone and among others.
@Suite struct AtHandTests {
    private static func get(_ path: String, _ headers: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(headers)\r\n"
    }

    private func server<Result: Sendable>(
        limits: HTTPLimits = .patient, _ body: @Sendable (RawClient, _ port: Int) async throws -> Result
    ) async throws -> Result {
        try await withServer(limits: limits) { router in
            router.on(.get, "/large/{letter}", atHand: { _, path in .text(Self.large(path["letter"] ?? "")) })
            router.on(
                .get, "/maybe",
                atHand: { request, _ in request.target.value("now") == nil ? nil : .text("now") }
            ) { _, _ in .text("later") }
            router.on(
                .get, "/refused",
                atHand: { _, _ throws(HTTPError) in throw HTTPError(.forbidden, code: "no", message: "no") })
            router.on(.get, "/slow") { _, _ in
                for _ in 0..<10 { await Task.yield() }
                return .text("slow")
            }
        } _: { port in
            try await body(try await RawClient(port: port), port)
        }
    }

    private static func large(_ letter: String) -> String { String(repeating: letter, count: 60_000) }

    @Test func `answers in the order of the requests, whoever answers them`() async throws {
        try await server { client, _ in
            let paths = ["/hello", "/slow", "/maybe", "/maybe?now=1", "/refused", "/nothing", "/stream", "/hello"]
            try await client.send(paths.map { Self.get($0) }.joined())
            var answers: [String] = []
            for _ in paths { answers.append(try await client.response().text) }
            #expect(
                answers == [
                    "hello\n", "slow", "later", "now", "no\n", "nothing is at /nothing\n", "one two three", "hello\n",
                ])
        }
    }

    @Test func `goes on after a client that read nothing for a while`() async throws {
        try await server { client, port in
            let letters = (0..<100).map { String(UnicodeScalar(UInt8(ascii: "a") + UInt8($0 % 26))) }
            // More than the kernel takes, and the beginning of one more.
            try await client.send(letters.map { Self.get("/large/\($0)") }.joined() + "GET /hello HT")
            try await KernelSockets.waitUntilFull(at: port)
            for letter in letters { #expect(try await client.response().text == Self.large(letter)) }
            try await client.send("TP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().text == "hello\n")
        }
    }

    @Test func `hangs up on a client that takes no answer, and says nothing in the middle of one`() async throws {
        var limits = HTTPLimits.patient
        limits.writeTime = .milliseconds(100)
        limits.pipelinedRequests = .max
        // More than any kernel keeps for a client.
        let count = 1000
        let received = try await server(limits: limits) { client, _ in
            try await client.send(String(repeating: Self.get("/large/x"), count: count))
            // Only when the server has hung up is anything read: it must have done so for the sake of its own time.
            try await client.sendUntilGone()
            return try await client.restUntilGone()
        }
        let answers = received.split(separator: "HTTP/1.1 ")
        #expect((1..<count).contains(answers.count))
        #expect(answers.allSatisfy { $0.hasPrefix("200 OK\r\n") })
        // All but the last, which is cut, are whole.
        #expect(answers.dropLast().allSatisfy { $0.hasSuffix("\r\n\r\n" + Self.large("x")) })
    }

    @Test func `closes where the client asked for it, and answers HEAD without a body`() async throws {
        try await server { client, _ in
            try await client.send(
                "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n" + Self.get("/hello", "Connection: close\r\n"))
            let head = try await client.response(to: "HEAD")
            #expect(head.body.isEmpty)
            #expect(head.headers["Content-Length"] == "6")
            let last = try await client.response()
            #expect(last.text == "hello\n")
            #expect(last.headers["Connection"] == "close")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `lets an answer leave that was at hand when the server stops`() async throws {
        var router = Router()
        router.on(.get, "/large", atHand: { _, _ in .text(Self.large("x")) })
        let server = try HTTPServer(host: "127.0.0.1", port: 0, limits: .patient, router: router)
        let running = Task { try await server.run() }
        let idle = try await RawClient(port: server.port)
        try await idle.send(Self.get("/large"))
        _ = try await idle.response()
        let client = try await RawClient(port: server.port)
        let count = 110
        try await client.send(String(repeating: Self.get("/large"), count: count))
        try await KernelSockets.waitUntilFull(at: server.port)
        running.cancel()
        // It stops, and the answers that it owes have not left.
        #expect(try await idle.isAtEnd())
        var last: RawClient.Response?
        var answered = 0
        while answered < count, last?.headers["Connection"] != "close" {
            last = try await client.response()
            #expect(last?.text == Self.large("x"))
            answered += 1
        }
        // The last one says so; requests after it are not taken.
        #expect(last?.headers["Connection"] == "close")
        #expect(try await client.isAtEnd())
        await client.close()
        try await running.value
    }
}

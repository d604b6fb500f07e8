import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@Suite struct StopTests {
    private func server(_ limits: HTTPLimits = .patient, _ routes: (inout Router) -> Void) throws -> HTTPServer {
        var router = Router()
        router.on(.get, "/hello") { _, _ in .text("hello\n") }
        routes(&router)
        return try HTTPServer(host: "127.0.0.1", port: 0, limits: limits, router: router)
    }

    @Test func `finishes a request under way, closes idle connections at once, and refuses new ones`() async throws {
        let entered = Signal()
        let goOn = Signal()
        let server = try server { router in
            router.on(.get, "/slow") { _, _ in
                entered.give()
                await goOn.wait()
                return .text("done")
            }
        }
        let running = Task { try await server.run() }
        let idle = try await RawClient(port: server.port)
        try await idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await idle.response().status == 200)
        let busy = try await RawClient(port: server.port)
        try await busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        await entered.wait()
        running.cancel()
        #expect(try await idle.isAtEnd())
        await #expect(throws: ConnectError.self) { try await RawClient(port: server.port) }
        goOn.give()
        let answer = try await busy.response()
        #expect(answer.text == "done")
        #expect(answer.headers["Connection"] == "close")
        await busy.close()
        try await running.value
    }

    @Test func `cancels what is not done in time`() async throws {
        let entered = Signal()
        let cancelled = Signal()
        var limits = HTTPLimits.patient
        limits.stopTime = .milliseconds(50)
        let server = try server(limits) { router in
            router.on(.get, "/endless") { _, _ in
                entered.give()
                defer { cancelled.give() }
                try await Task.sleep(for: .seconds(600))
                return .text("never")
            }
        }
        let running = Task { try await server.run() }
        let client = try await RawClient(port: server.port)
        try await client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        await entered.wait()
        running.cancel()
        try await running.value
        await cancelled.wait()
    }

    @Test func `stops when it was cancelled before it began`() async throws {
        let server = try server { _ in }
        let running = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await server.run()
        }
        try await running.value
    }

    @Test func `says that a port is taken`() throws {
        let first = try server { _ in }
        #expect(throws: ListenError.self) {
            try HTTPServer(host: "127.0.0.1", port: first.port, router: Router())
        }
        #expect(throws: ListenError.self) { try HTTPServer(host: "example.com", port: 0, router: Router()) }
    }
}

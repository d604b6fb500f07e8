import SlipwayHTTP
import SlipwayNet
import Testing

@Suite struct ServerLimitTests {
    private func limits(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits()
        change(&limits)
        return limits
    }

    @Test func `tells a client that begins a request and stops 408`() async throws {
        try await withServer(limits: limits { $0.headerTime = .milliseconds(500) }) { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /hello HTTP/1.1\r\nHost")
            #expect(try await client.response().status == 408)
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `closes a connection without a request in silence`() async throws {
        try await withServer(limits: limits { $0.idleTime = .milliseconds(50) }) { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().status == 200)
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `tells a client whose body stops 408`() async throws {
        try await withServer(limits: limits { $0.bodyTime = .milliseconds(50) }) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
            #expect(try await client.response().status == 408)
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `tells a client that drips its body 408`() async throws {
        try await withServer(limits: limits { $0.bodyTime = .milliseconds(200) }) { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
            let drip = Task {
                // Each byte comes well within the time for one.
                while true {
                    try await client.send("x")
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            #expect(try await client.response().status == 408)
            drip.cancel()
        }
    }

    @Test func `hangs up on a client that does not read`() async throws {
        let ended = Signal()
        try await withServer(limits: limits { $0.writeTime = .milliseconds(100) }) { router in
            router.on(.get, "/endless") { _, _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        defer { ended.give() }
                        while true { try await writer.write([UInt8](repeating: 65, count: 100_000)) }
                    })
            }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            await ended.wait()
        }
    }

    @Test func `tells one connection too many 503`() async throws {
        try await withServer(limits: limits { $0.connections = 2 }) { port in
            let first = try await RawClient(port: port)
            try await first.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await first.response().status == 200)
            let second = try await RawClient(port: port)
            try await second.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await second.response().status == 200)
            let third = try await RawClient(port: port)
            #expect(try await third.response().status == 503)
        }
    }

    @Test func `reads limits by their names`() throws {
        let limits = try HTTPLimits.named(["header_seconds": 5, "connections": 10])
        #expect(limits.headerTime == .seconds(5))
        #expect(limits.connections == 10)
        #expect(limits.idleTime == HTTPLimits().idleTime)
        #expect(throws: HTTPLimitError.unknown("idle", known: HTTPLimits.names)) { try HTTPLimits.named(["idle": 1]) }
        #expect(throws: HTTPLimitError.notPositive("connections")) { try HTTPLimits.named(["connections": 0]) }
    }
}

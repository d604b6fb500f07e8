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

    @Test func `tells one connection too many of its address 503, and lets it in when another has gone`() async throws {
        try await withServer(limits: limits { $0.connectionsPerAddress = 1 }) { port in
            let first = try await RawClient(port: port)
            try await first.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await first.response().status == 200)
            #expect(try await RawClient(port: port).response().status == 503)
            try await first.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            _ = try await first.response()
            #expect(try await first.isAtEnd())
            await first.close()
            // The place is free once the server has seen that end.
            while true {
                let next = try await RawClient(port: port)
                try await next.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                if (try? await next.response().status) == 200 { break }
            }
        }
    }

    @Test func `closes a connection that never says anything`() async throws {
        try await withServer(limits: limits { $0.firstByteTime = .milliseconds(50) }) { port in
            let client = try await RawClient(port: port)
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `ends a connection whose client runs ahead of the answers`() async throws {
        try await withServer(limits: limits { $0.pipelinedRequests = 3 }) { port in
            let client = try await RawClient(port: port)
            try await client.send(String(repeating: "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", count: 10))
            for _ in 1...3 {
                let response = try await client.response()
                #expect(response.status == 200 && response.headers["Connection"] == nil)
            }
            #expect(try await client.response().headers["Connection"] == "close")
            #expect(try await client.isAtEnd())
        }
    }

    @Test(arguments: [1, 100_000, 300_000]) func `keeps a body in memory or in a file, whole`(_ size: Int) async throws
    {
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        try await withServer(limits: limits { $0.bodyMemoryBytes = 65_536 }) { router in
            router.on(.post, "/keep") { request, _ in
                let kept = try await request.body.receive(upTo: 1 << 20) { _ in }
                return HTTPResponse(.ok, body: .bytes(try kept.withBytes { Array($0) }))
            }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /keep HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
            try await client.send(body)
            #expect(try await client.response().body == body)
        }
    }

    @Test func `bodies share a budget, which is given back`() async throws {
        let arrived = Signal()
        let release = Signal()
        try await withServer(limits: limits { $0.bodyBudgetBytes = 2000 }) { router in
            router.on(.post, "/keep") { request, _ in
                let kept = try await request.body.receive(upTo: 1 << 20) { _ in }
                if request.headers.contains("X-Hold") {
                    arrived.give()
                    await release.wait()
                }
                return .text("\(kept.count)")
            }
        } _: { port in
            func post(_ fields: String = "") async throws -> RawClient {
                let client = try await RawClient(port: port)
                let body = String(repeating: "x", count: 900)
                try await client.send("POST /keep HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: 900\r\n\r\n\(body)")
                return client
            }
            let holder = try await post("X-Hold: 1\r\n")
            await arrived.wait()
            // One address gets half of it: 900 more would be too much.
            #expect(try await post().response().status == 503)
            release.give()
            #expect(try await holder.response().text == "900")
            #expect(try await post().response().text == "900")
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

    @Test func `a route's bound on its body is the configured one`() async throws {
        let limits = try HTTPLimits.named(["form_body_bytes": 5, "delivery_body_bytes": 7])
        #expect(limits.bodies.deliveryBytes == 7)
        try await withServer(limits: limits) { router in
            router.on(.post, "/form") { request, _ in
                HTTPResponse(.ok, body: .bytes(try await request.body.collect(upTo: request.body.limits.formBytes)))
            }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try await client.response().text == "hello")
            try await client.send("POST /form HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nhello!")
            #expect(try await client.response().status == 413)
        }
    }
}

import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@Suite struct ServerLimitTests {
    private func limits(_ change: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits.patient
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

    /// `/hold` says that it holds, and ends with `release`.
    private static func hold(until release: Signal) -> (inout Router) -> Void {
        { router in
            router.on(.get, "/hold") { _, _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        try await writer.write("held")
                        await release.wait()
                    })
            }
        }
    }

    /// A client whose request is being answered.
    private func holder(_ port: Int, for client: String = "192.0.2.1") async throws -> RawClient {
        let holder = try await RawClient(port: port)
        try await holder.send("GET /hold HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(client)\r\n\r\n")
        try await holder.expect("held")
        return holder
    }

    @Test func `tells one connection too many 503 while the others are being answered`() async throws {
        let release = Signal()
        try await withServer(limits: limits { $0.connections = 2 }, Self.hold(until: release)) { port in
            let holders = [try await holder(port), try await holder(port)]
            #expect(try await RawClient(port: port).response().status == 503)
            release.give()
            for holder in holders { await holder.close() }
        }
    }

    @Test func `tells one connection too many of its address 503, and lets it in when another has gone`() async throws {
        let release = Signal()
        try await withServer(limits: limits { $0.connectionsPerAddress = 1 }, Self.hold(until: release)) { port in
            let first = try await holder(port)
            #expect(try await RawClient(port: port).response().status == 503)
            release.give()
            await first.close()
            // The place is free once the server has seen that end.
            while true {
                let next = try await RawClient(port: port)
                try await next.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                if (try? await next.response().status) == 200 { break }
            }
        }
    }

    @Test(arguments: [
        "", "GET /hello HTTP/1.1\r\nHost", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1",
    ])
    func `a connection without a complete request gives its place to one that comes`(beginning: String) async throws {
        try await withServer(limits: limits { $0.connections = 2 }) { port in
            var rude: [RawClient] = []
            for _ in 1...10 {
                let client = try await RawClient(port: port)
                try await client.send(beginning)
                rude.append(client)
            }
            let polite = try await RawClient(port: port)
            try await polite.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await polite.response().status == 200)
            #expect(try await rude[0].isGone())
        }
    }

    @Test func `requests over a trusted proxy count for the client that they were forwarded for`() async throws {
        let release = Signal()
        try await withServer(
            limits: limits { $0.connectionsPerAddress = 2 }, proxies: ["127.0.0.0/8"], Self.hold(until: release)
        ) { port in
            var holders = [try await holder(port), try await holder(port, for: "9.9.9.9, 192.0.2.1")]
            let third = try await RawClient(port: port)
            try await third.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await third.response().status == 503)
            // The connection is the proxy's: it goes on for others, and for this one when there is room again.
            try await third.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.2\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await third.response().text == "hi")
            holders.append(try await holder(port, for: "2001:db8::1"))
            holders.append(try await holder(port, for: "2001:db8::2"))
            try await third.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8::3\r\nContent-Length: 2\r\n\r\nhi")
            #expect(try await third.response().status == 503)
            release.give()
            for holder in holders { await holder.close() }
        }
    }

    @Test func `a client that names another in X-Forwarded-For counts for itself, unless it is a trusted proxy`()
        async throws
    {
        let release = Signal()
        try await withServer(
            limits: limits { $0.connectionsPerAddress = 1 }, proxies: ["10.0.0.0/8"], Self.hold(until: release)
        ) { port in
            let first = try await holder(port, for: "192.0.2.1")
            let second = try await RawClient(port: port)
            #expect(try await second.response().status == 503)
            release.give()
            await first.close()
        }
    }

    /// Says that so many bytes will come, and sends fewer.
    private func post(_ port: Int, _ length: Int, less: Int = 0, for client: String) async throws -> RawClient {
        let poster = try await RawClient(port: port)
        try await poster.send(
            "POST /keep HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(client)\r\nContent-Length: \(length)\r\n\r\n"
                + String(repeating: "x", count: length - less))
        return poster
    }

    @Test func `a body that does not come to its end gives way to those of others, and is told 503`() async throws {
        let arrived = Counter()
        try await withServer(limits: limits { $0.bodyBudgetBytes = 2000 }, proxies: ["127.0.0.1"]) { router in
            router.on(.post, "/keep") { request, _ in
                let kept = try await request.body.receive(upTo: 1 << 20) { arrived.add($0.count) }
                return .text("\(kept.count)")
            }
        } _: { port in
            var rude: [RawClient] = []
            for number in 1...2 {
                rude.append(try await post(port, 951, less: 1, for: "192.0.2.\(number)"))
                await arrived.wait(for: number * 950)
            }
            for number in 1...20 {
                #expect(try await post(port, 500, for: "198.51.100.\(number)").response().text == "500")
            }
            // Which of the two is told is not said: they hold the same.
            let answer = await withTaskGroup(of: Int?.self) { group in
                for client in rude { group.addTask { try? await client.response().status } }
                let first = await group.next() ?? nil
                for client in rude { await client.close() }
                return first
            }
            #expect(answer == 503)
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
        let bodies = try HTTPLimits.named(["form_body_bytes": 5, "delivery_body_bytes": 7]).bodies
        #expect(bodies.deliveryBytes == 7)
        try await withServer(limits: limits { $0.bodies = bodies }) { router in
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

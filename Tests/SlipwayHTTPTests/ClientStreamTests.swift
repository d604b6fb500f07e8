import SlipwayHTTP
import SlipwayNet
import Synchronization
import TestSupport
import Testing

/// Bodies that are longer than any buffer, both ways, and how long all of it may take.
@Suite(.endsIfItHangs) struct ClientStreamTests {
    private let client: HTTPClient
    private static let piece = (0..<250).map { UInt8($0) }.repeated(256)

    init() throws {
        client = HTTPClient(tls: try TLSClientContext())
    }

    /// Pieces that are counted as they are pulled, and how far that was ahead of who took them.
    private final class Source: Sendable {
        private let state = Mutex((pulled: 0, taken: 0, lead: 0))
        private let most: Int
        let hasBegun = Signal()

        init(_ count: Int) { most = count }

        var longestLead: Int { state.withLock { $0.lead } }

        func take(_ bytes: Int) { state.withLock { $0.taken += bytes } }

        func next() -> [UInt8]? {
            let pulled: Int? = state.withLock { state in
                guard state.pulled < most else { return nil }
                state.pulled += 1
                state.lead = max(state.lead, state.pulled * ClientStreamTests.piece.count - state.taken)
                return state.pulled
            }
            if pulled == 20 { hasBegun.give() }
            return pulled.map { _ in ClientStreamTests.piece }
        }
    }

    private func request(_ method: HTTPMethod, _ port: Int, _ path: String, _ body: HTTPRequestBody)
        -> HTTPClientRequest
    {
        HTTPClientRequest(method, "http://127.0.0.1:\(port)\(path)", body: .stream(body))
    }

    @Test(arguments: [true, false]) func `sends a long body as the server takes it`(_ knowsLength: Bool) async throws {
        let source = Source(500)
        let length = 500 * Self.piece.count
        try await withServer { router in
            router.on(.put, "/take") { request, _ in
                #expect(request.body.length == (knowsLength ? length : nil))
                await source.hasBegun.wait()
                var count = 0
                while let bytes = try await request.body.read() {
                    count += bytes.count
                    source.take(bytes.count)
                }
                return .text("\(count)")
            }
        } _: { port in
            let body = HTTPRequestBody(length: knowsLength ? length : nil) { source.next() }
            let response = try await client.send(request(.put, port, "/take", body))
            #expect(try await response.body.collect(upTo: 100) == Array("\(length)".utf8))
            // What the kernel's buffers hold, about 10 MB at most, and not the body's 32.
            #expect(source.longestLead < 16_000_000)
        }
    }

    @Test func `reads the answer while it still sends`() async throws {
        try await withServer { router in
            router.on(.post, "/mirror") { request, _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        while let bytes = try await request.body.read() { try await writer.write(bytes) }
                    })
            }
        } _: { port in
            let source = Source(100)
            let response = try await client.send(
                request(.post, port, "/mirror", HTTPRequestBody(length: nil) { source.next() }))
            var count = 0
            while let bytes = try await response.body.read() { count += bytes.count }
            #expect(count == 100 * Self.piece.count)
        }
    }

    @Test func `takes an answer that comes before it has sent everything`() async throws {
        try await withServer { port in
            let source = Source(.max)
            let response = try await client.send(
                request(.post, port, "/nothing-here", HTTPRequestBody(length: nil) { source.next() }))
            #expect(response.status == .notFound)
        }
    }

    @Test func `keeps a connection after a streamed request`() async throws {
        try await withServer { port in
            for _ in 0..<2 {
                let response = try await client.send(
                    request(.post, port, "/echo", HTTPRequestBody(length: nil, next: Source(3).next)))
                #expect(try await response.body.collect(upTo: 1 << 20).count == 3 * Self.piece.count)
            }
        }
    }

    private struct Broken: Error {}

    @Test func `ends with the error of a body that cannot be read on`() async throws {
        try await withServer { port in
            let source = Source(2)
            await #expect(throws: Broken.self) {
                try await client.send(
                    request(
                        .post, port, "/echo",
                        HTTPRequestBody(length: nil) {
                            guard let piece = source.next() else { throw Broken() }
                            return piece
                        }))
            }
        }
    }

    @Test(arguments: [2, 4]) func `refuses a body that is not as long as it says`(_ pieces: Int) async throws {
        try await withServer { port in
            do {
                _ = try await client.send(
                    request(
                        .post, port, "/echo", HTTPRequestBody(length: 3 * Self.piece.count, next: Source(pieces).next))
                )
                Issue.record("it was sent")
            } catch HTTPClientError.wrongBodyLength {}
        }
    }

    // MARK: Deadlines

    private func exceeds(_ request: HTTPClientRequest, _ client: HTTPClient? = nil) async throws {
        do {
            let response = try await (client ?? self.client).send(request, deadline: .milliseconds(200))
            while try await response.body.read() != nil {}
            Issue.record("it was in time")
        } catch HTTPClientError.deadlineExceeded {}
    }

    @Test func `holds the deadline while it waits for a handshake`() async throws {
        let silent = try Listener(host: "127.0.0.1", port: 0)
        try await exceeds(HTTPClientRequest(.get, "https://127.0.0.1:\(silent.port)/"))
    }

    @Test func `holds the deadline while the server takes no more of the request`() async throws {
        let silent = try Listener(host: "127.0.0.1", port: 0)
        try await exceeds(request(.put, silent.port, "/", HTTPRequestBody(length: nil, next: Source(.max).next)))
        let large = HTTPClientRequest(
            .put, "http://127.0.0.1:\(silent.port)/", body: [UInt8](repeating: 0, count: 50_000_000))
        try await exceeds(large)
    }

    @Test func `holds the deadline while the request's own body does not come`() async throws {
        let never = Signal()
        try await withServer { port in
            try await exceeds(
                request(
                    .post, port, "/echo",
                    HTTPRequestBody(length: nil) {
                        await never.wait()
                        return nil
                    }))
        }
        never.give()
    }

    @Test func `holds the deadline while it waits for an answer, a part of it, or its body`() async throws {
        for words in ["", "HTTP/1.1 200 OK\r\nConte", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"] {
            let server = try ScriptedServer { _, _ in .say(words) }
            try await exceeds(HTTPClientRequest(.get, server.url()))
        }
    }
}

import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

/// Which connections a client uses again, and what it asks twice.
@Suite(.endsIfItHangs) struct ClientPoolTests {
    private typealias Act = ScriptedServer.Act

    private let client: HTTPClient

    init() throws {
        client = HTTPClient(tls: try TLSClientContext())
    }

    @discardableResult
    private func ask(_ method: HTTPMethod, _ url: String, body: [UInt8] = []) async throws -> String {
        let response = try await client.send(HTTPClientRequest(method, url, body: body))
        return String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self)
    }

    @Test func `asks again on the connection that it has`() async throws {
        let server = try ScriptedServer { _, _ in .say(ScriptedServer.hello) }
        for _ in 0..<3 { #expect(try await ask(.get, server.url()) == "hello") }
        #expect(try await ask(.post, server.url(), body: [1]) == "hello")
        #expect(server.requests.map(\.connection) == [1, 1, 1, 2])
        // What the POST's own connection can do for others, it does.
        #expect(try await ask(.put, server.url(), body: [1]) == "hello")
        #expect(server.connections == 2)
    }

    @Test func `keeps one connection for each that is asked at once, and one for each host`() async throws {
        let first = try ScriptedServer { _, _ in .say(ScriptedServer.hello) }
        let second = try ScriptedServer { _, _ in .say(ScriptedServer.hello) }
        let open = [
            try await client.send(HTTPClientRequest(.get, first.url())),
            try await client.send(HTTPClientRequest(.get, first.url())),
        ]
        for response in open { _ = try await response.body.collect(upTo: 100) }
        try await ask(.get, second.url())
        try await ask(.get, first.url())
        #expect(first.connections == 2 && second.connections == 1)
    }

    @Test func `keeps a TLS connection`() async throws {
        let certificates = try await TestCertificates()
        let tls = try TLSServerContext(certificates: [try await certificates.certificate("DNS:localhost")])
        let server = try ScriptedServer(tls: tls) { _, _ in .say(ScriptedServer.hello) }
        let client = HTTPClient(tls: try TLSClientContext(ca: certificates.authority))
        for _ in 0..<3 {
            let response = try await client.send(
                HTTPClientRequest(.get, server.url(scheme: "https", host: "localhost")))
            #expect(try await response.body.collect(upTo: 100) == Array("hello".utf8))
        }
        #expect(server.connections == 1)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: foo, Close\r\n\r\nhello",
        "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1",
    ]) func `keeps none after`(_ answer: String) async throws {
        let server = try ScriptedServer { _, _ in .say(answer) }
        for _ in 0..<2 { #expect(try await ask(.get, server.url()) == "hello") }
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    @Test func `keeps one of HTTP 1_0 whose server says so`() async throws {
        let server = try ScriptedServer { _, _ in
            .say("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 5\r\n\r\nhello")
        }
        for _ in 0..<2 { #expect(try await ask(.get, server.url()) == "hello") }
        #expect(server.connections == 1)
    }

    @Test func `keeps none whose response was not read to its end`() async throws {
        let server = try ScriptedServer { _, _ in .say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello") }
        var response: HTTPClientResponse? = try await client.send(HTTPClientRequest(.get, server.url()))
        #expect(response?.status == .ok)
        response = nil
        // The server sees the client hang up.
        #expect(await server.hangsUp() == 1)
    }

    @Test func `hangs up when the client is gone`() async throws {
        let server = try ScriptedServer { _, _ in .say(ScriptedServer.hello) }
        do {
            let client = HTTPClient(tls: try TLSClientContext())
            let response = try await client.send(HTTPClientRequest(.get, server.url()))
            #expect(try await response.body.collect(upTo: 100) == Array("hello".utf8))
        }
        #expect(await server.hangsUp() == 1)
    }

    @Test(arguments: ["", "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"])
    func `lets go of a kept connection that the server ends`(_ words: String) async throws {
        let server = try ScriptedServer { _, _ in .sayAndHangUp(ScriptedServer.hello + words) }
        for _ in 0..<2 {
            #expect(try await ask(.get, server.url()) == "hello")
            _ = await server.hangsUp()
        }
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    /// Answers the first request of a connection; the second finds it dead, as if it had been closed just then.
    private static func dyingServer() throws -> ScriptedServer {
        try ScriptedServer { _, number in number == 1 ? .say(ScriptedServer.hello) : .sayAndHangUp("") }
    }

    @Test(arguments: [HTTPMethod.get, .head, .put, .delete, .options])
    func `asks again what may be asked twice when a kept connection was dead`(_ method: HTTPMethod) async throws {
        let server = try Self.dyingServer()
        try await ask(.get, server.url())
        #expect(try await client.send(HTTPClientRequest(method, server.url())).status == .ok)
        #expect(server.requests.map(\.connection) == [1, 1, 2])
    }

    @Test(arguments: [HTTPMethod.post, .patch, HTTPMethod("FROB")])
    func `asks only once what must not be asked twice, on a fresh connection`(_ method: HTTPMethod) async throws {
        let server = try Self.dyingServer()
        try await ask(.get, server.url())
        #expect(try await ask(method, server.url(), body: [1]) == "hello")
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    @Test(arguments: [HTTPMethod.get, .post])
    func `asks nothing twice on a connection that was fresh`(_ method: HTTPMethod) async throws {
        let server = try ScriptedServer { _, _ in .sayAndHangUp("") }
        await #expect(throws: HTTPClientError.self) { try await ask(method, server.url()) }
        #expect(server.requests.count == 1)
    }

    @Test func `asks nothing twice once a part of the answer has come`() async throws {
        let server = try ScriptedServer { _, number in
            number == 1 ? .say(ScriptedServer.hello) : .sayAndHangUp("HTTP/1.1 200 O")
        }
        try await ask(.get, server.url())
        await #expect(throws: HTTPClientError.self) { try await ask(.get, server.url()) }
        #expect(server.requests.map(\.connection) == [1, 1])
    }

    @Test func `asks nothing twice when the time is over`() async throws {
        let server = try ScriptedServer { _, number in .say(number == 1 ? ScriptedServer.hello : "") }
        try await ask(.get, server.url())
        do {
            _ = try await client.send(HTTPClientRequest(.get, server.url()), deadline: .milliseconds(100))
            Issue.record("it answered")
        } catch HTTPClientError.deadlineExceeded {}
        #expect(server.connections == 1)
    }

    @Test(arguments: [503, 429, 408]) func `takes no status for a reason to ask again`(_ status: Int) async throws {
        let server = try ScriptedServer { _, _ in
            .say("HTTP/1.1 \(status) No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n")
        }
        #expect(try await client.send(HTTPClientRequest(.get, server.url())).status.code == status)
        #expect(server.requests.count == 1)
    }
}

import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@Suite struct ClientTests {
    private func client() throws -> HTTPClient { HTTPClient(tls: try TLSClientContext()) }

    /// A server that says just this, whatever it is asked, and hangs up.
    private func answering(
        _ bytes: String, _ body: @Sendable (String) async throws -> Void
    ) async throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        let running = Task {
            try await listener.run { stream, _ in
                var received: [UInt8] = []
                while received.firstRange(of: Array("\r\n\r\n".utf8)) == nil,
                    let bytes = try? await stream.read()
                { received += bytes }
                try? await stream.write(Array(bytes.utf8))
            }
        }
        defer { running.cancel() }
        try await body("http://127.0.0.1:\(listener.port)")
    }

    @Test func `sends a body and reads the answer`() async throws {
        try await withServer { port in
            let response = try await client().send(
                HTTPClientRequest(.post, "http://127.0.0.1:\(port)/echo", body: Array("ping".utf8)))
            #expect(response.status == .ok)
            #expect(try await response.body.collect(upTo: 100) == Array("ping".utf8))
        }
    }

    @Test func `sends and reads a large body`() async throws {
        try await withServer { port in
            let body = (0..<250).map { UInt8($0) }.repeated(4000)
            let response = try await client().send(
                HTTPClientRequest(.post, "http://127.0.0.1:\(port)/echo", body: body))
            #expect(try await response.body.collect(upTo: 2_000_000) == body)
        }
    }

    @Test func `reads a body piece by piece while the server still writes it`() async throws {
        let goOn = Signal()
        try await withServer { router in
            router.on(.get, "/slow") { _, _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        try await writer.write("first")
                        await goOn.wait()
                        try await writer.write("second")
                    })
            }
        } _: { port in
            let response = try await client().send(HTTPClientRequest(.get, "http://127.0.0.1:\(port)/slow"))
            #expect(response.body.length == nil)
            #expect(try await response.body.read() == Array("first".utf8))
            goOn.give()
            #expect(try await response.body.read() == Array("second".utf8))
            #expect(try await response.body.read() == nil)
            #expect(try await response.body.read() == nil)
        }
    }

    @Test func `holds the deadline while it waits for the header and for the body`() async throws {
        try await withServer { router in
            router.on(.get, "/header") { _, _ in
                try await Task.sleep(for: .seconds(600))
                return .text("")
            }
            router.on(.get, "/body") { _, _ in
                HTTPResponse(
                    .ok,
                    body: .stream { writer in
                        // Never silent for long: only a deadline for the whole notices.
                        while true {
                            try await writer.write(".")
                            try await Task.sleep(for: .milliseconds(10))
                        }
                    })
            }
        } limits: {
            $0.stopTime = .milliseconds(1)
        } _: { port in
            await #expect(throws: HTTPClientError.self) {
                try await client().send(
                    HTTPClientRequest(.get, "http://127.0.0.1:\(port)/header"), deadline: .milliseconds(100))
            }
            do {
                // Long enough for the header to arrive; where it is not, the deadline must hold all the same.
                let response = try await client().send(
                    HTTPClientRequest(.get, "http://127.0.0.1:\(port)/body"), deadline: .seconds(1))
                while try await response.body.read() != nil {}
                Issue.record("the body has no end")
            } catch HTTPClientError.deadlineExceeded {}
        }
    }

    @Test func `ends at once when the task is cancelled`() async throws {
        let entered = Signal()
        try await withServer { router in
            router.on(.get, "/never") { _, _ in
                entered.give()
                try await Task.sleep(for: .seconds(600))
                return .text("")
            }
        } limits: {
            $0.stopTime = .milliseconds(1)
        } _: { port in
            let client = try client()
            let task = Task {
                try await client.send(
                    HTTPClientRequest(.get, "http://127.0.0.1:\(port)/never"), deadline: .seconds(600))
            }
            await entered.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `follows no redirect`() async throws {
        try await withServer { router in
            router.on(.get, "/away") { _, _ in .redirect(to: "http://127.0.0.1:1/") }
        } _: { port in
            let response = try await client().send(
                HTTPClientRequest(.get, "http://127.0.0.1:\(port)/away", headers: ["Authorization": "Bearer x"]))
            #expect(response.status == .seeOther)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi"), ("HTTP/1.1 200 OK\r\n\r\nhi", "hi"),
        ("HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nhi", "hi"),
        ("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "hi"),
        ("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", ""),
        ("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "hi"),
    ]) func `reads`(_ answer: String, _ body: String) async throws {
        try await answering(answer) { url in
            let response = try await client().send(HTTPClientRequest(.get, url))
            #expect(String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self) == body)
        }
    }

    @Test(arguments: [
        "", "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", "HTTP/1.1 200 OK\r\nA",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "HTTP/2 200\r\n\r\n",
    ]) func `takes for an error`(_ answer: String) async throws {
        try await answering(answer) { url in
            await #expect(throws: HTTPClientError.self) {
                try await client().send(HTTPClientRequest(.get, url)).body.collect(upTo: 100)
            }
        }
    }

    @Test(arguments: [
        "", "ftp://a/", "http://", "http:///x", "http://user:secret@a/", "http://a:99999/", "http://a b/", "/path",
        "http://a/\r\nX: y", "http://[::1/",
    ]) func `refuses the URL`(_ url: String) async throws {
        do {
            _ = try await client().send(HTTPClientRequest(.get, url))
            Issue.record("it was asked")
        } catch HTTPClientError.invalidURL {}
    }

    @Test func `says why there is no connection`() async throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        await listener.close()
        do {
            _ = try await client().send(HTTPClientRequest(.get, "http://127.0.0.1:\(listener.port)/"))
            Issue.record("it answered")
        } catch HTTPClientError.cannotConnect(_, _, let reason) {
            #expect(reason == "Connection refused")
        }
    }
}

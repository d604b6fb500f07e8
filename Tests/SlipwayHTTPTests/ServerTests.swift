import SlipwayHTTP
import SlipwayNet
import Testing

@Suite struct ServerTests {
    @Test func `answers several requests on one connection`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            for _ in 0..<3 {
                try await client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
                let answer = try await client.response()
                #expect(answer.status == 200)
                #expect(answer.text == "hello\n")
                #expect(answer.headers["Date"].flatMap({ HTTPDate.parse($0) }) != nil)
                #expect(answer.headers["Connection"] == nil)
            }
        }
    }

    @Test func `answers pipelined requests in order`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            let echo = { (text: String) in
                "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"
            }
            try await client.send((0..<50).map { echo("number \($0)") }.joined())
            for index in 0..<50 { #expect(try await client.response().text == "number \(index)") }
        }
    }

    @Test func `answers a request that comes byte by byte`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            for byte in "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n".utf8
            {
                try await client.send([byte])
            }
            #expect(try await client.response().text == "hi")
        }
    }

    @Test func `takes a chunked body`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            for _ in 0..<2 {
                try await client.send(
                    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: r\r\n\r\n"
                )
                #expect(try await client.response().text == "abcde")
            }
        }
    }

    @Test func `streams in chunks to HTTP 1.1 and until the end to 1.0`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.headers["Transfer-Encoding"] == "chunked")
            #expect(answer.text == "one two three")
            try await client.send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let old = try await client.response()
            #expect(old.headers["Transfer-Encoding"] == nil)
            #expect(old.headers["Connection"] == "close")
            #expect(old.text == "one two three")
        }
    }

    @Test func `streams as many bytes as were promised, or hangs up`() async throws {
        try await withServer { router in
            router.on(.get, "/promise/{count}") { _, parameters in
                HTTPResponse(
                    .ok, headers: ["Content-Length": "5"],
                    body: .stream { writer in
                        try await writer.write(String(repeating: "x", count: Int(parameters["count"] ?? "") ?? 0))
                    })
            }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /promise/5 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response().text == "xxxxx")
            try await client.send("GET /promise/3 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.rest().hasSuffix("\r\n\r\nxxx"))
            let other = try await RawClient(port: port)
            try await other.send("GET /promise/9 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await other.rest().hasSuffix("\r\n\r\n"))
        }
    }

    @Test func `answers HEAD with the header of GET and nothing else`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            try await client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try await client.response(to: "HEAD")
            #expect(head.headers["Content-Length"] == "6")
            #expect(try await client.response().text == "hello\n")
        }
    }

    @Test func `says 100 Continue when somebody wants the body, and only then`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            let header = "HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            try await client.send("POST /echo \(header)")
            #expect(try await client.response().status == 100)
            try await client.send("hi")
            #expect(try await client.response().text == "hi")
            try await client.send("POST /ignore \(header)")
            let answer = try await client.response()
            #expect(answer.status == 200)
            #expect(answer.headers["Connection"] == "close")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `goes on after a small body that no handler wanted, and ends after a large one`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try await client.response().text == "ignored\n")
            try await client.send("POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            #expect(try await client.response().headers["Connection"] == "close")
            await client.closeWrite()
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `answers a body over the handler's limit with 413 at once`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4611686018427387904\r\n\r\n")
            #expect(try await client.response().status == 413)
        }
    }

    @Test(arguments: [
        ("GET /hello HTTP/1.1\r\n\r\n", 400), ("GET /hello HTTP/3.0\r\nHost: a\r\n\r\n", 505),
        ("\u{16}\u{3}\u{1}", 400),
        ("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1\r\n", 414),
        ("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 33_000), 431),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ]) func `refuses and closes`(_ request: String, _ status: Int) async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            try await client.send(request)
            let answer = try await client.response()
            #expect(answer.status == status)
            #expect(answer.headers["Connection"] == "close")
            #expect(try await client.isAtEnd())
        }
    }

    @Test func `lets failure and finish see refusals too`() async throws {
        try await withServer { router in
            router.failure = { _, error in .json(Array(#"{"code":"\#(error.code)"}"#.utf8), status: error.status) }
            router.finish = { _, response in response.headers["X-Content-Type-Options"] = "nosniff" }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /hello HTTP/1.1\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.text == #"{"code":"bad_request"}"#)
            #expect(answer.headers["X-Content-Type-Options"] == "nosniff")
        }
    }

    @Test func `names the methods that a path takes`() async throws {
        try await withServer { router in
            router.failure = { _, error in .text("no", status: error.status) }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.status == 405)
            #expect(answer.headers["Allow"] == "GET, HEAD")
        }
    }

    @Test func `answers a client that has ended its side`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            try await client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
            await client.closeWrite()
            #expect(try await client.response().text == "hi")
            #expect(try await client.isAtEnd())
            let cut = try await RawClient(port: port)
            try await cut.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nhi")
            await cut.closeWrite()
            #expect(try await cut.response().status == 400)
            let shorter = try await RawClient(port: port)
            try await shorter.send("GET /hello HTTP/1.1\r\nHo")
            await shorter.closeWrite()
            #expect(try await shorter.response().status == 400)
        }
    }

    @Test func `gives a refusal to a client that is still sending`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            let large = [UInt8](repeating: UInt8(ascii: "x"), count: 4_000_000)
            async let sent: Void = client.send(
                Array("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n".utf8) + large)
            #expect(try await client.response().status == 413)
            try? await sent
        }
    }

    @Test func `puts no line break of a value into the header`() async throws {
        try await withServer { router in
            router.on(.get, "/go") { request, _ in .redirect(to: request.target.value("to") ?? "") }
        } _: { port in
            let client = try await RawClient(port: port)
            try await client.send("GET /go?to=%0d%0aX-Injected:%20yes HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.headers["X-Injected"] == nil)
            #expect(answer.headers["Location"] == "  X-Injected: yes")
        }
    }

    @Test func `answers OPTIONS for the whole server`() async throws {
        try await withServer { port in
            let client = try await RawClient(port: port)
            try await client.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.response()
            #expect(answer.status == 204)
            #expect(answer.headers["Content-Length"] == nil)
        }
    }
}

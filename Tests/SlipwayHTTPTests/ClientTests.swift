import SlipwayHTTP
import SlipwayNet
import Testing

@Suite struct ClientTests {
    @Test func `sends a body and reads the answer`() async throws {
        try await withServer { port in
            let client = HTTPClient(tls: try TLSClientContext())
            let response = try await client.send(
                HTTPClientRequest(.post, "http://127.0.0.1:\(port)/echo", body: Array("ping".utf8)))
            #expect(response.status == .ok)
            #expect(try await response.body.collect(upTo: 100) == Array("ping".utf8))
        }
    }

    @Test func `reads a chunked answer`() async throws {
        try await withServer { port in
            let client = HTTPClient(tls: try TLSClientContext())
            let response = try await client.send(HTTPClientRequest(.get, "http://127.0.0.1:\(port)/stream"))
            #expect(String(decoding: try await response.body.collect(upTo: 100), as: UTF8.self) == "one two three")
        }
    }
}

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
                #expect(answer.headers["Date"] != nil)
            }
        }
    }
}

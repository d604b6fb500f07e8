import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

@Suite struct SecureTests {
    @Test func `serves and asks HTTPS`() async throws {
        let certificates = try await TestCertificates()
        let tls = try TLSServerContext(certificates: [try await certificates.certificate("DNS:localhost")])
        try await withServer(tls: tls) { router in
            router.on(.get, "/secure") { request, _ in .text("\(request.isSecure)") }
        } _: { port in
            let client = HTTPClient(tls: try TLSClientContext(ca: certificates.authority))
            let response = try await client.send(HTTPClientRequest(.get, "https://localhost:\(port)/secure"))
            #expect(try await response.body.collect(upTo: 100) == Array("true".utf8))
            let stranger = HTTPClient(tls: try TLSClientContext())
            do {
                _ = try await stranger.send(HTTPClientRequest(.get, "https://localhost:\(port)/secure"))
                Issue.record("it was trusted")
            } catch HTTPClientError.tls(let host, _) {
                #expect(host == "localhost")
            }
        }
    }

    @Test func `cuts off who begins a handshake and stops`() async throws {
        let certificates = try await TestCertificates()
        let tls = try TLSServerContext(certificates: [try await certificates.certificate("DNS:localhost")])
        var limits = HTTPLimits.patient
        limits.firstByteTime = .milliseconds(100)
        try await withServer(limits: limits, tls: tls) { port in
            let client = try await RawClient(port: port)
            try await client.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00])
            // By a reset, if the server has not even read those bytes by then.
            #expect(try await client.isGone())
        }
    }

    @Test func `keeps a connection for several requests, pipelined too`() async throws {
        let certificates = try await TestCertificates()
        let tls = try TLSServerContext(certificates: [try await certificates.certificate("DNS:localhost")])
        try await withServer(tls: tls) { port in
            let client = try await RawClient(
                port: port, tls: try TLSClientContext(ca: certificates.authority), host: "localhost")
            for _ in 0..<3 {
                try await client.send(String(repeating: "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", count: 5))
                for _ in 0..<5 { #expect(try await client.response().text == "hello\n") }
            }
        }
    }
}

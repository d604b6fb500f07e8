import SlipwayHTTP
import SlipwayNet
import TestSupport
import Testing

/// Whom a client speaks to, and to whom its credentials go.
@Suite(.endsIfItHangs) struct ClientTrustTests {
    private let certificates: TestCertificates
    private let client: HTTPClient

    init() async throws {
        certificates = try await TestCertificates()
        client = HTTPClient(tls: try TLSClientContext(ca: certificates.authority))
    }

    private func server(
        _ names: String, _ validity: TestCertificates.Validity = .now,
        _ act: @Sendable @escaping (ScriptedServer.Request, Int) -> ScriptedServer.Act = { _, _ in
            .say(ScriptedServer.hello)
        }
    ) async throws -> ScriptedServer {
        let files = try await certificates.certificate(names, validity)
        return try ScriptedServer(tls: try TLSServerContext(certificates: [files], validAt: validity.moment), act)
    }

    private func refusal(_ url: String, _ client: HTTPClient? = nil) async throws -> String? {
        do {
            _ = try await (client ?? self.client).send(
                HTTPClientRequest(.get, url, headers: ["Authorization": "Bearer secret"]))
            return nil
        } catch HTTPClientError.tls(_, let reason) {
            return reason
        }
    }

    @Test func `tells nobody anything whose certificate is not good`() async throws {
        let expired = try await server("DNS:localhost", .ended)
        let early = try await server("DNS:localhost", .notYet)
        let wrong = try await server("DNS:other.example")
        let stranger = HTTPClient(tls: try TLSClientContext())
        for server in [expired, early, wrong] {
            #expect(try await refusal(server.url(scheme: "https", host: "localhost")) != nil)
            #expect(server.requests.isEmpty)
        }
        let good = try await server("DNS:localhost,IP:127.0.0.1")
        #expect(try await refusal(good.url(scheme: "https"), stranger) == "unable to get local issuer certificate")
        #expect(good.requests.isEmpty)
        #expect(try await refusal(good.url(scheme: "https", host: "localhost")) == nil)
        #expect(try await refusal(good.url(scheme: "https")) == nil)
        #expect(good.requests.count == 2)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `takes its credentials to no other host by a redirect`(_ status: Int) async throws {
        let other = try await server("IP:127.0.0.1")
        let location = other.url("/steal", scheme: "https")
        let first = try await server("IP:127.0.0.1") { _, _ in
            .say("HTTP/1.1 \(status) Away\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n")
        }
        let response = try await client.send(
            HTTPClientRequest(
                .get, first.url(scheme: "https"), headers: ["Authorization": "Bearer secret", "Cookie": "a=b"]))
        #expect(response.status.code == status)
        #expect(response.headers["Location"] == location)
        #expect(first.requests.count == 1)
        #expect(first.requests.first?.text.contains("Authorization: Bearer secret\r\n") == true)
        #expect(other.connections == 0)
    }

    @Test func `tells an answer that was cut off from one that has ended`() async throws {
        for (cut, isWhole) in [(false, true), (true, false)] {
            let words = "HTTP/1.1 200 OK\r\n\r\nto the end"
            let server = try await server("IP:127.0.0.1") { _, _ in cut ? .sayAndCut(words) : .sayAndHangUp(words) }
            let response = try await client.send(HTTPClientRequest(.get, server.url(scheme: "https")))
            do {
                #expect(try await response.body.collect(upTo: 100) == Array("to the end".utf8))
                #expect(isWhole)
            } catch HTTPClientError.connectionClosed {
                #expect(!isWhole)
            }
        }
    }
}

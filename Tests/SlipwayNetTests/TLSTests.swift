import SlipwayNet
import TestSupport
import Testing

@Suite struct TLSTests {
    private let certificates: TestCertificates

    init() async throws {
        certificates = try await TestCertificates()
    }

    /// Echoes one piece on each connection.
    private func withEcho(
        _ files: [(certificate: String, key: String)], _ body: @Sendable (Int) async throws -> Void
    ) async throws {
        let listener = try Listener(host: "127.0.0.1", port: 0, tls: try TLSServerContext(certificates: files))
        let running = Task {
            try await listener.run { stream, _ in
                if let bytes = try? await stream.read() { try? await stream.write(bytes) }
            }
        }
        defer { running.cancel() }
        try await body(listener.port)
    }

    private func trusting() throws -> TLSClientContext { try TLSClientContext(ca: certificates.authority) }

    private func reason(_ host: String, _ port: Int, ca: String? = nil) async -> String? {
        do {
            let tls = try TLSClientContext(ca: ca)
            _ = try await Connector.connect(host: host, port: port, tls: tls, deadline: .seconds(60))
            return nil
        } catch ConnectError.tls(_, let reason) {
            return reason
        } catch {
            return "\(error)"
        }
    }

    @Test func `speaks with a server whose name and authority are right`() async throws {
        try await withEcho([try await certificates.certificate("DNS:localhost,IP:127.0.0.1")]) { port in
            for host in ["localhost", "127.0.0.1"] {
                let stream = try await Connector.connect(
                    host: host, port: port, tls: try trusting(), protocols: ["http/1.1"])
                #expect(stream.isSecure)
                try await stream.write(Array("hello".utf8))
                #expect(try await stream.read() == Array("hello".utf8))
                #expect(try await stream.read() == nil)
            }
        }
    }

    @Test func `refuses a certificate for another host`() async throws {
        try await withEcho([try await certificates.certificate("DNS:other.example")]) { port in
            #expect(await reason("localhost", port, ca: certificates.authority) == "hostname mismatch")
            #expect(await reason("127.0.0.1", port, ca: certificates.authority) == "IP address mismatch")
        }
    }

    @Test func `refuses a certificate of an unknown authority`() async throws {
        try await withEcho([try await certificates.certificate("DNS:localhost")]) { port in
            let reason = await reason("localhost", port)
            #expect(reason == "unable to get local issuer certificate")
        }
    }

    @Test func `refuses an expired certificate`() async throws {
        try await withEcho([try await certificates.certificate("DNS:localhost", expired: true)]) { port in
            #expect(await reason("localhost", port, ca: certificates.authority) == "certificate has expired")
        }
    }

    @Test func `serves each name with its certificate`() async throws {
        let first = try await certificates.certificate("DNS:other.example")
        let second = try await certificates.certificate("DNS:localhost")
        try await withEcho([first, second]) { port in
            #expect(await reason("localhost", port, ca: certificates.authority) == nil)
            // An address is no server name: the first certificate.
            #expect(await reason("127.0.0.1", port, ca: certificates.authority) == "IP address mismatch")
        }
    }

    @Test func `refuses a client that speaks only other protocols`() async throws {
        try await withEcho([try await certificates.certificate("DNS:localhost")]) { port in
            await #expect(throws: ConnectError.self) {
                try await Connector.connect(host: "localhost", port: port, tls: try trusting(), protocols: ["h2"])
            }
        }
    }

    @Test func `is not taken in by a server without TLS, nor by one that says nothing`() async throws {
        let listener = try Listener(host: "127.0.0.1", port: 0)
        let running = Task {
            try await listener.run { stream, _ in
                guard let bytes = try? await stream.read(), !bytes.isEmpty else { return }
                try? await stream.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            }
        }
        #expect(await reason("localhost", listener.port, ca: certificates.authority) != nil)
        running.cancel()
        let silent = try Listener(host: "127.0.0.1", port: 0)
        do {
            _ = try await Connector.connect(
                host: "127.0.0.1", port: silent.port, tls: try trusting(), deadline: .milliseconds(100))
            Issue.record("it connected")
        } catch ConnectError.timedOut {}
    }

    @Test func `tells an end of TLS from a cut connection`() async throws {
        // The server closes in order; the middle cuts it off.
        try await withEcho([try await certificates.certificate("DNS:localhost,IP:127.0.0.1")]) { port in
            let middle = try Listener(host: "127.0.0.1", port: 0)
            let running = Task {
                try await middle.run { near, _ in
                    guard let far = try? await Connector.connect(host: "127.0.0.1", port: port) else { return }
                    let toServer = Task {
                        while let bytes = try? await near.read() { try? await far.write(bytes) }
                    }
                    var count = 0
                    // The server's handshake, and then nothing of what follows.
                    while count < 500, let bytes = try? await far.read() {
                        count += bytes.count
                        try? await near.write(bytes)
                    }
                    await near.close()
                    await far.close()
                    await toServer.value
                }
            }
            defer { running.cancel() }
            do {
                let stream = try await Connector.connect(host: "127.0.0.1", port: middle.port, tls: try trusting())
                while try await stream.read() != nil {}
                Issue.record("a cut was taken for an end")
            } catch ConnectError.tls {
            } catch StreamError.truncated {
            } catch StreamError.broken {}
        }
    }

    @Test func `moves more than fits into any buffer, both ways`() async throws {
        let files = try await certificates.certificate("DNS:localhost")
        let listener = try Listener(host: "127.0.0.1", port: 0, tls: try TLSServerContext(certificates: [files]))
        let running = Task {
            try await listener.run { stream, _ in
                do { while let bytes = try await stream.read() { try await stream.write(bytes) } } catch {}
            }
        }
        defer { running.cancel() }
        let stream = try await Connector.connect(host: "localhost", port: listener.port, tls: try trusting())
        let sent = (0..<251).map { UInt8($0) }.repeated(12_000)
        let sending = Task {
            try await stream.write(sent)
            await stream.closeWrite()
        }
        var received: [UInt8] = []
        while let bytes = try await stream.read() { received += bytes }
        try await sending.value
        #expect(received == sent)
    }

    @Test func `says which file is wrong`() async throws {
        let good = try await certificates.certificate("DNS:localhost")
        let other = try await certificates.certificate("DNS:localhost")
        #expect(throws: TLSError.self) { try TLSServerContext(certificates: []) }
        #expect(throws: TLSError.self) { try TLSServerContext(certificates: [(good.certificate, "/nowhere")]) }
        #expect(throws: TLSError.self) { try TLSServerContext(certificates: [(good.certificate, other.key)]) }
        #expect(throws: TLSError.self) { try TLSServerContext(certificates: [(good.key, good.key)]) }
        #expect(throws: TLSError.self) { try TLSClientContext(ca: "/nowhere") }
    }
}

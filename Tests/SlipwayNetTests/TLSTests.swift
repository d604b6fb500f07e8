import Foundation
import SlipwayNet
import TestSupport
import Testing

@Suite struct TLSTests {
    private let certificates: TestCertificates

    init() async throws {
        certificates = try await TestCertificates()
    }

    private func trusting() throws -> TLSClientContext { try TLSClientContext(ca: certificates.authority) }

    @Test func `speaks with a server whose name and authority are right`() async throws {
        try await withEcho(certificates: [try await certificates.certificate("DNS:localhost,IP:127.0.0.1")]) { port in
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

    @Test func `roots are read again when their file has changed`() async throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let file = folder.path + "/ca.pem"
        #expect(throws: TLSError.self) { _ = try TLSClientContext.current(ca: file) }
        try FileManager.default.copyItem(atPath: certificates.authority, toPath: file)
        let first = try TLSClientContext.current(ca: file)
        #expect(try TLSClientContext.current(ca: file) === first)
        #expect(try TLSClientContext.current() !== first)
        let other = try await TestCertificates()
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.copyItem(atPath: other.authority, toPath: file)
        #expect(try TLSClientContext.current(ca: file) !== first)
    }

    @Test func `refuses a client that speaks only other protocols`() async throws {
        try await withEcho(certificates: [try await certificates.certificate("DNS:localhost")]) { port in
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
        #expect(await refusal("localhost", listener.port, ca: certificates.authority) != nil)
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
        try await withEcho(certificates: [try await certificates.certificate("DNS:localhost,IP:127.0.0.1")]) { port in
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
}

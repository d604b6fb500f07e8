import Foundation
import SlipwayNet
import TestSupport
import Testing

@testable import slipway

/// The real server over TLS, while its certificates are renewed.
@Suite(.endsIfItHangs) struct TLSReloadTests {
    private let certificates: TestCertificates
    private let certificate: String
    private let key: String

    init() async throws {
        certificates = try await TestCertificates()
        certificate = certificates.folder + "/served.pem"
        key = certificates.folder + "/served.key"
        try install(try await certificates.certificate("DNS:first.example,IP:127.0.0.1"))
    }

    private func install(_ files: (certificate: String, key: String)) throws {
        try Data(contentsOf: URL(fileURLWithPath: files.certificate)).write(to: URL(fileURLWithPath: certificate))
        try Data(contentsOf: URL(fileURLWithPath: files.key)).write(to: URL(fileURLWithPath: key))
    }

    private func configuration(tls: Bool = true) -> String {
        let line = "  tls: {certificate: \(certificate), key: \(key)}\n"
        return RunningServer.configuration().replacing("  data: data\n", with: "  data: data\n" + (tls ? line : ""))
    }

    /// - Throws: when a new connection is not served with a certificate for that name.
    private func verify(_ name: String, _ port: Int) async throws {
        try await certificates.openssl(
            "s_client -connect 127.0.0.1:\(port) -CAfile ca.pem -verify_return_error -verify_hostname \(name)")
    }

    private func healthz(_ stream: ByteStream) async throws -> String {
        try await stream.write(Array("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
        var answer = ""
        while !answer.hasSuffix("\r\n\r\nok\n"), let bytes = try await stream.read() {
            answer += String(decoding: bytes, as: UTF8.self)
        }
        return answer
    }

    @Test func `SIGHUP serves renewed certificates to new connections and drops no open one`() async throws {
        let server = try await RunningServer(configuration())
        let port = try #require(URL(string: server.address)?.port)
        #expect(server.address == "https://127.0.0.1:\(port)")
        try await verify("first.example", port)
        let open = try await Connector.connect(
            host: "127.0.0.1", port: port, tls: try TLSClientContext(ca: certificates.authority))
        let answer = try await healthz(open)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK") && answer.contains("Strict-Transport-Security: max-age="))

        try install(try await certificates.certificate("DNS:second.example,IP:127.0.0.1"))
        server.process.send(SIGHUP)
        _ = try await server.line(containing: "configuration read again")
        try await verify("second.example", port)
        #expect(try await healthz(open).hasPrefix("HTTP/1.1 200 OK"))

        try install(try await certificates.certificate("DNS:third.example", .ended))
        server.process.send(SIGHUP)
        _ = try await server.line(containing: "server.tls: the certificate in \(certificate) expired on ")
        _ = try await server.line(containing: "configuration refused; the old one stays")
        try await verify("second.example", port)

        try install(try await certificates.certificate("DNS:fourth.example"))
        try server.folder.write(configuration(tls: false), to: "slipway.yml")
        server.process.send(SIGHUP)
        _ = try await server.line(containing: "restart to change server.tls")
        #expect(try await healthz(open).hasPrefix("HTTP/1.1 200 OK"))

        server.process.send(SIGTERM)
        #expect(try await open.read() == nil)
        #expect(try await server.ended() == "serve ended with exited(0)")
    }

    @Test func `neither serve nor check takes a certificate that nobody would`() async throws {
        try install(try await certificates.certificate("DNS:first.example", .notYet))
        let folder = try TemporaryFolder()
        let file = try folder.write(configuration(), to: "slipway.yml")
        let reason = "the certificate in \(certificate) is not valid before "
        let serve = try await Program.run(["serve", "--config", file], environment: RunningServer.environment)
        #expect(serve.code == 1 && serve.error.contains("slipway: " + reason))
        let check = try await Program.run(["check", "--config", file], environment: RunningServer.environment)
        #expect(check.code != 0 && check.output.contains("error    server.tls: " + reason))
    }
}

import SlipwayNet
import TestSupport
import Testing

/// What a server offers, as OpenSSL's own client sees it.
@Suite struct TLSServerTests {
    private let certificates: TestCertificates

    init() async throws {
        certificates = try await TestCertificates()
    }

    /// Says something, has it echoed, and tells how that went.
    /// - Throws: when there is no handshake.
    private func ask(_ port: Int, _ options: String) async throws -> String {
        try await certificates.openssl("s_client -connect 127.0.0.1:\(port) -ign_eof \(options)", input: "hello")
    }

    @Test(arguments: [
        ("-tls1_2", "TLSv1.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"),
        ("-tls1_2 -cipher ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384", "is ECDHE-ECDSA-CHACHA20"),
        ("-tls1_3", "TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384"),
        ("-groups P-256", "Server Temp Key: ECDH, prime256v1"),
        ("-groups X25519:P-256", "Server Temp Key: X25519"), ("-alpn h2,http/1.1", "ALPN protocol: http/1.1"),
        ("-tls1_2", "Compression: NONE"),
    ]) func `speaks`(_ options: String, _ what: String) async throws {
        try await withEcho(certificates: [try await certificates.certificate("DNS:localhost")]) { port in
            let said = try await ask(port, options)
            #expect(said.contains(what))
        }
    }

    @Test func `speaks with an RSA key`() async throws {
        try await withEcho(certificates: [try await certificates.certificate("DNS:localhost", key: "rsa:2048")]) {
            port in
            let said = try await ask(port, "-tls1_2")
            #expect(said.contains("Cipher is ECDHE-RSA-AES128-GCM-SHA256"))
        }
    }

    @Test(arguments: [
        "-tls1_1 -cipher ALL:@SECLEVEL=0", "-tls1 -cipher ALL:@SECLEVEL=0", "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA",
        "-tls1_2 -cipher AES128-GCM-SHA256", "-tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256", "-alpn h2", "-groups P-521",
    ]) func `refuses`(_ options: String) async throws {
        try await withEcho(certificates: [try await certificates.certificate("DNS:localhost")]) { port in
            await #expect(throws: TestCertificates.Failed.self) { try await ask(port, options) }
            // It cost only that client.
            #expect(await refusal("localhost", port, ca: certificates.authority) == nil)
        }
    }

    @Test(arguments: ["-tls1_2", "-tls1_3"])
    func `resumes a session, until the certificates are replaced`(_ version: String) async throws {
        let files = try await certificates.certificate("DNS:localhost")
        let server = try TLSServerContext(certificates: [files])
        try await withEcho(server) { port in
            let first = try await ask(port, "\(version) -sess_out session.pem")
            #expect(first.contains("New, TLSv1"))
            #expect(first.count(of: "New Session Ticket arrived") == (version == "-tls1_3" ? 1 : 0))
            #expect(try await ask(port, "\(version) -sess_in session.pem").contains("Reused, TLSv1"))
            try server.replace(certificates: [files])
            #expect(try await ask(port, "\(version) -sess_in session.pem").contains("New, TLSv1"))
        }
    }

    @Test func `serves each name with its certificate, and other names with the first`() async throws {
        let files = [
            try await certificates.certificate("DNS:first.example"),
            try await certificates.certificate("DNS:*.wild.example,DNS:second.example"),
            try await certificates.certificate("DNS:localhost"),
        ]
        let verify = "-CAfile ca.pem -verify_return_error"
        try await withEcho(certificates: files) { port in
            for (name, holder) in [
                ("first.example", "first.example"), ("second.example", "second.example"),
                ("A.Wild.Example", "second.example"), ("localhost", "localhost"), ("a.b.wild.example", "first.example"),
                ("unknown.example", "first.example"),
            ] {
                _ = try await ask(port, "-servername \(name) \(verify) -verify_hostname \(holder)")
            }
            _ = try await ask(port, "-noservername \(verify) -verify_hostname first.example")
            #expect(await refusal("localhost", port, ca: certificates.authority) == nil)
            // An address is not a server name.
            #expect(await refusal("127.0.0.1", port, ca: certificates.authority) == "IP address mismatch")
        }
    }

    @Test func `gives new connections the new certificate while an old one goes on`() async throws {
        let server = try TLSServerContext(certificates: [try await certificates.certificate("DNS:localhost")])
        try await withEcho(server) { port in
            let tls = try TLSClientContext(ca: certificates.authority)
            let old = try await Connector.connect(host: "localhost", port: port, tls: tls)
            try server.replace(certificates: [
                try await certificates.certificate("DNS:other.example"),
                try await certificates.certificate("IP:127.0.0.1"),
            ])
            #expect(await refusal("localhost", port, ca: certificates.authority) == "hostname mismatch")
            let bad = try await certificates.certificate("DNS:localhost", .ended)
            #expect(throws: TLSError.self) { try server.replace(certificates: [bad]) }
            #expect(await refusal("localhost", port, ca: certificates.authority) == "hostname mismatch")
            try await old.write(Array("hello".utf8))
            #expect(try await old.read() == Array("hello".utf8))
            #expect(try await old.read() == nil)
        }
    }
}

extension String {
    /// How often it stands here.
    fileprivate func count(of word: String) -> Int { ranges(of: word).count }
}

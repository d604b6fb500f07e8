import Foundation
import SlipwayNet
import TestSupport
import Testing

/// Which certificates a client takes, and which files a server does.
@Suite struct TLSCertificateTests {
    private let certificates: TestCertificates

    init() async throws {
        certificates = try await TestCertificates()
    }

    // MARK: The client

    @Test(arguments: ["DNS:localhost,IP:127.0.0.1", "IP:127.0.0.1,DNS:*.example,DNS:localhost"])
    func `takes a name or an address that the certificate holds`(_ names: String) async throws {
        try await withEcho(certificates: [try await certificates.certificate(names)]) { port in
            #expect(await refusal("localhost", port, ca: certificates.authority) == nil)
            #expect(await refusal("127.0.0.1", port, ca: certificates.authority) == nil)
        }
    }

    @Test func `refuses a certificate for another host`() async throws {
        try await withEcho(certificates: [try await certificates.certificate("DNS:other.example")]) { port in
            #expect(await refusal("localhost", port, ca: certificates.authority) == "hostname mismatch")
            #expect(await refusal("127.0.0.1", port, ca: certificates.authority) == "IP address mismatch")
        }
    }

    @Test func `takes no name for an address`() async throws {
        // Its digits as a DNS name are not the address (RFC 9110, section 4.3.5).
        try await withEcho(certificates: [try await certificates.certificate("DNS:127.0.0.1")]) { port in
            #expect(await refusal("127.0.0.1", port, ca: certificates.authority) == "IP address mismatch")
        }
    }

    @Test func `refuses a certificate of an unknown authority, and one of its own making`() async throws {
        try await withEcho(certificates: [try await certificates.certificate("DNS:localhost")]) { port in
            #expect(await refusal("localhost", port) == "unable to get local issuer certificate")
            let stranger = try await TestCertificates()
            #expect(
                await refusal("localhost", port, ca: stranger.authority) == "unable to get local issuer certificate")
        }
        try await certificates.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout own.key -out own.pem -days 2 "
                + "-subj /CN=own -addext subjectAltName=DNS:localhost")
        let own = (certificate: certificates.folder + "/own.pem", key: certificates.folder + "/own.key")
        try await withEcho(certificates: [own]) { port in
            #expect(await refusal("localhost", port, ca: certificates.authority) == "self-signed certificate")
            // Unless it is what one trusts.
            #expect(await refusal("localhost", port, ca: own.certificate) == nil)
        }
    }

    @Test(arguments: [
        (TestCertificates.Validity.ended, "certificate has expired"), (.notYet, "certificate is not yet valid"),
    ]) func `refuses a certificate outside its time`(_ validity: TestCertificates.Validity, _ reason: String)
        async throws
    {
        let files = try await certificates.certificate("DNS:localhost", validity)
        try await withEcho(try TLSServerContext(certificates: [files], validAt: validity.moment)) { port in
            #expect(await refusal("localhost", port, ca: certificates.authority) == reason)
        }
    }

    // MARK: The server

    private func refused(_ certificate: String, _ key: String) -> TLSError? {
        do {
            _ = try TLSServerContext(certificates: [(certificate, key)])
            return nil
        } catch {
            return error
        }
    }

    @Test func `says which file is wrong`() async throws {
        let good = try await certificates.certificate("DNS:localhost")
        let other = try await certificates.certificate("DNS:localhost")
        #expect(throws: TLSError.noCertificate) { _ = try TLSServerContext(certificates: []) }
        #expect(refused(good.certificate, good.key) == nil)
        #expect(
            refused("/nowhere", good.key)
                == .unusableCertificate(file: "/nowhere", reason: "No such file or directory"))
        #expect(refused(good.key, good.key) == .unusableCertificate(file: good.key, reason: "no start line"))
        #expect(
            refused(good.certificate, "/nowhere") == .unusableKey(file: "/nowhere", reason: "No such file or directory")
        )
        #expect(refused(good.certificate, other.key) == .foreignKey(certificate: good.certificate, key: other.key))
        #expect(throws: TLSError.unusableRoots(file: "/nowhere", reason: "No such file or directory")) {
            _ = try TLSClientContext(ca: "/nowhere")
        }
    }

    @Test func `refuses a certificate outside its time at once`() async throws {
        let ended = try await certificates.certificate("DNS:localhost", .ended)
        let early = try await certificates.certificate("DNS:localhost", .notYet)
        guard case .expired(ended.certificate, 1, let since) = refused(ended.certificate, ended.key),
            case .notYetValid(early.certificate, 1, let until) = refused(early.certificate, early.key)
        else {
            Issue.record("it was taken")
            return
        }
        #expect(since < until && since.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil)
    }

    @Test func `asks for no passphrase`() async throws {
        let files = try await certificates.certificate("DNS:localhost")
        let locked = certificates.folder + "/locked.key"
        try await certificates.openssl("pkey -in '\(files.key)' -out '\(locked)' -aes256 -passout pass:secret")
        #expect(refused(files.certificate, locked) == .encryptedKey(file: locked))
    }

    @Test func `refuses a weak key`() async throws {
        let weak = try await certificates.certificate("DNS:localhost", key: "rsa:1024")
        #expect(
            refused(weak.certificate, weak.key) == .tooWeak(file: weak.certificate, reason: "ee key too small"))
    }

    @Test func `wants each certificate before its issuer`() async throws {
        let files = try await certificates.certificate("DNS:localhost")
        let own = try String(contentsOfFile: files.certificate, encoding: .utf8)
        let issuer = try String(contentsOfFile: certificates.authority, encoding: .utf8)
        let chain = certificates.folder + "/chain.pem"
        try (own + issuer).write(toFile: chain, atomically: true, encoding: .utf8)
        #expect(refused(chain, files.key) == nil)
        try (own + own + issuer).write(toFile: chain, atomically: true, encoding: .utf8)
        #expect(refused(chain, files.key) == .disordered(file: chain, position: 1))
        try (issuer + own).write(toFile: chain, atomically: true, encoding: .utf8)
        #expect(refused(chain, files.key) == .foreignKey(certificate: chain, key: files.key))
    }
}

import Foundation
import SlipwayNet
import Synchronization
import Testing

/// A certificate for 127.0.0.1 that only tests trust, made afresh: no key lies in the repository.
struct TestCertificate: Sendable {
    let folder: String
    var certificate: String { folder + "/rendezvous.crt" }
    var key: String { folder + "/rendezvous.key" }

    struct NotMade: Error, CustomStringConvertible {
        var description: String { "`openssl req` made no certificate; is the openssl command installed?" }
    }

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/slipway-rendezvous-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let words = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=rendezvous", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out",
            certificate,
        ]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var files = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&files)
        defer { posix_spawn_file_actions_destroy(&files) }
        posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0)
        var child = pid_t()
        guard posix_spawnp(&child, "openssl", &files, nil, &arguments, environ) == 0 else { throw NotMade() }
        var status: Int32 = 0
        guard waitpid(child, &status, 0) == child, status == 0 else { throw NotMade() }
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

/// The other side of a rendezvous: reads the secret, says its line, then what the test scripts.
final class FakeRendezvous: Sendable {
    typealias Dyno = @Sendable (ByteStream) async throws -> Void

    let certificate: TestCertificate
    private let listener: Listener
    private let greetings = Mutex<[String]>([])
    private let dyno: Dyno
    /// Without TLS a client that insists on it cannot come in.
    init(secure: Bool = true, _ dyno: @escaping Dyno) throws {
        certificate = try TestCertificate()
        let tls = secure ? try TLSServerContext(certificates: [(certificate.certificate, certificate.key)]) : nil
        listener = try Listener(host: "127.0.0.1", port: 0, tls: tls)
        self.dyno = dyno
    }

    var url: String { "rendezvous://127.0.0.1:\(listener.port)/secret-rendezvous" }
    /// What clients said first.
    var heard: [String] { greetings.withLock { $0 } }

    func serve(_ test: () async throws -> Void) async throws {
        let running = Task { try? await listener.run { stream, _ in try? await self.meet(stream) } }
        defer {
            running.cancel()
            certificate.remove()
        }
        try await test()
    }

    private func meet(_ stream: ByteStream) async throws {
        var line: [UInt8] = []
        while !line.contains(UInt8(ascii: "\n")), let chunk = try await stream.read() { line += chunk }
        greetings.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
        try await dyno(stream)
        await stream.closeWrite()
    }
}

extension ByteStream {
    func write(_ text: String) async throws { try await write(Array(text.utf8)) }
}

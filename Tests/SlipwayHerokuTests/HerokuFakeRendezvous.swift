import SlipwayNet
import Synchronization
import TestSupport

/// The other side of a rendezvous: reads the secret, says its line, then what the test scripts.
final class FakeRendezvous: Sendable {
    typealias Dyno = @Sendable (ByteStream) async throws -> Void

    private let certificates: TestCertificates
    private let listener: Listener
    private let greetings = Mutex<[String]>([])
    private let dyno: Dyno
    /// Without TLS a client that insists on it cannot come in.
    init(secure: Bool = true, _ dyno: @escaping Dyno) async throws {
        certificates = try await TestCertificates()
        let tls =
            secure ? try TLSServerContext(certificates: [try await certificates.certificate("IP:127.0.0.1")]) : nil
        listener = try Listener(host: "127.0.0.1", port: 0, tls: tls)
        self.dyno = dyno
    }

    /// Whom a client trusts.
    var authority: String { certificates.authority }
    var url: String { "rendezvous://127.0.0.1:\(listener.port)/secret-rendezvous" }
    /// What clients said first.
    var heard: [String] { greetings.withLock { $0 } }

    func serve(_ test: () async throws -> Void) async throws {
        let running = Task { try? await listener.run { stream, _ in try? await self.meet(stream) } }
        defer { running.cancel() }
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

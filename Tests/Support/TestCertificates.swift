import Dispatch
import Foundation
import Glibc

/// An authority and certificates of its making, by the `openssl` command, in a folder that goes with its last reference.
package final class TestCertificates: Sendable {
    package let folder: String
    package var authority: String { folder + "/ca.pem" }

    package init() async throws {
        folder = FileManager.default.temporaryDirectory.path + "/slipway-tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 "
                + "-subj /CN=test-authority")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// - Parameter names: as in a certificate's alternative names: `DNS:localhost`, `IP:127.0.0.1`.
    package func certificate(_ names: String, expired: Bool = false) async throws -> (certificate: String, key: String)
    {
        let file = UUID().uuidString
        try await openssl(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout \(file).key -out \(file).csr -subj /CN=x")
        try "subjectAltName=\(names)\n".write(toFile: "\(folder)/\(file).ext", atomically: true, encoding: .utf8)
        // A certificate of minus one day ended yesterday.
        try await openssl(
            "x509 -req -in \(file).csr -CA ca.pem -CAkey ca.key -CAcreateserial -CAserial \(file).srl -out \(file).pem "
                + "-extfile \(file).ext -days \(expired ? "-1" : "2")")
        return ("\(folder)/\(file).pem", "\(folder)/\(file).key")
    }

    struct Failed: Error {
        var arguments: String
        var code: Int32
    }

    private func openssl(_ arguments: String) async throws {
        let command = "cd '\(folder)' && openssl \(arguments) >/dev/null 2>&1"
        // Blocks: not on one of the few threads that all tests share.
        let code = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { @Sendable in continuation.resume(returning: system(command)) }
        }
        guard code == 0 else { throw Failed(arguments: arguments, code: code) }
    }
}

import Dispatch
import Foundation
import Glibc

/// An authority and certificates of its making, by the `openssl` command, in a folder that goes with its last reference.
package final class TestCertificates: Sendable {
    private let temporary: TemporaryFolder
    package var folder: String { temporary.path }
    package var authority: String { folder + "/ca.pem" }

    package init() async throws {
        temporary = try TemporaryFolder()
        try await openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 2 "
                + "-subj /CN=test-authority")
    }

    /// When a certificate is valid, in days from now.
    package enum Validity: Sendable {
        case now, ended, notYet

        fileprivate var days: ClosedRange<Int> {
            switch self {
            case .now: -1...2
            case .ended: -9 ... -1
            case .notYet: 1...9
            }
        }

        /// A moment at which it is, in seconds since 1970.
        package var moment: Int { time(nil) + (days.lowerBound + days.upperBound) / 2 * 86_400 }
    }

    /// - Parameters:
    ///   - names: as in a certificate's alternative names: `DNS:localhost`, `IP:127.0.0.1`.
    ///   - key: as `openssl req -newkey` takes it.
    package func certificate(
        _ names: String, _ validity: Validity = .now, key: String = "ec -pkeyopt ec_paramgen_curve:P-256"
    ) async throws -> (certificate: String, key: String) {
        let file = UUID().uuidString
        try await openssl("req -newkey \(key) -nodes -keyout \(file).key -out \(file).csr -subj /CN=x")
        // Only `openssl ca` can say from when on.
        try """
        [ca]
        default_ca = own
        [own]
        database = \(file).index
        certificate = ca.pem
        private_key = ca.key
        new_certs_dir = .
        rand_serial = yes
        default_md = sha256
        policy = any
        x509_extensions = names
        [any]
        commonName = supplied
        [names]
        subjectAltName = \(names)
        """.write(toFile: "\(folder)/\(file).cnf", atomically: true, encoding: .utf8)
        try "".write(toFile: "\(folder)/\(file).index", atomically: true, encoding: .utf8)
        try await openssl(
            "ca -batch -notext -config \(file).cnf -in \(file).csr -out \(file).pem "
                + "-startdate \(Self.date(validity.days.lowerBound)) -enddate \(Self.date(validity.days.upperBound))")
        return ("\(folder)/\(file).pem", "\(folder)/\(file).key")
    }

    /// - Returns: as ASN.1 writes it: `20261124190000Z`.
    private static func date(_ days: Int) -> String {
        var time = time(nil) + days * 86_400
        var parts = tm()
        gmtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 16)
        strftime(&text, text.count, "%Y%m%d%H%M%SZ", &parts)
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    }

    package struct Failed: Error {
        var arguments: String
        var output: String
    }

    /// Runs the `openssl` command in the folder.
    /// - Parameter input: for its standard input.
    /// - Returns: what it said, errors included.
    @discardableResult
    package func openssl(_ arguments: String, input: String = "") async throws -> String {
        let (output, entry) = (folder + "/\(UUID().uuidString).out", folder + "/\(UUID().uuidString).in")
        try input.write(toFile: entry, atomically: true, encoding: .utf8)
        let command = "cd '\(folder)' && timeout 600 openssl \(arguments) <'\(entry)' >'\(output)' 2>&1"
        // Blocks: on a thread of its own, not on one of the few that all tasks share.
        let code = await withCheckedContinuation { continuation in
            DispatchQueue(label: "openssl").async { @Sendable in continuation.resume(returning: system(command)) }
        }
        let said = String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
        guard code == 0 else { throw Failed(arguments: arguments, output: said) }
        return said
    }
}

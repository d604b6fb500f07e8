import Foundation

/// A certificate for 127.0.0.1 that only tests trust, made afresh: no key lies in the repository.
package struct TestCertificate: Sendable {
    package let folder: String
    package var certificate: String { folder + "/rendezvous.crt" }
    package var key: String { folder + "/rendezvous.key" }

    struct NotMade: Error, CustomStringConvertible {
        var description: String { "`openssl req` made no certificate; is the openssl command installed?" }
    }

    package init() throws {
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

    package func remove() { try? FileManager.default.removeItem(atPath: folder) }
}

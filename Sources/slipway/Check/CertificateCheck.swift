import SlipwayCore
import SlipwayNet

/// The PEM files: the server's certificates with their keys.
struct CertificateCheck {
    let configuration: Configuration

    func findings() -> [Finding] {
        configuration.server.certificates.map(pair)
    }

    private func pair(_ files: ServerSettings.CertificateFiles) -> Finding {
        for path in [files.certificate, files.key] {
            if let reason = SecretFile.reasonNotToRead(path) {
                return .error("server.tls: \(path) cannot be read: \(reason)")
            }
        }
        do {
            _ = try TLSServerContext(certificates: [(files.certificate, files.key)])
            return .ok("server.tls: \(files.certificate) and its key")
        } catch {
            return .error("server.tls: \(error)")
        }
    }
}

import SlipwayCore
import SlipwayNet

/// The PEM files: the server's certificates with their keys, and extra roots.
struct CertificateCheck {
    let configuration: Configuration

    func findings() -> [Finding] {
        var findings = configuration.server.certificates.map(pair)
        if let ca = configuration.heroku.ca { findings.append(roots(ca)) }
        return findings
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

    private func roots(_ ca: String) -> Finding {
        if let reason = SecretFile.reasonNotToRead(ca) {
            return .error("heroku.ca: \(ca) cannot be read: \(reason)")
        }
        do {
            _ = try TLSClientContext(ca: ca)
            return .ok("heroku.ca: \(ca)")
        } catch {
            return .error("heroku.ca: \(error)")
        }
    }
}

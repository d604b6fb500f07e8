import Logging
import SlipwayBase
import SlipwayCore
import SlipwayNet

/// Reads the configuration again, and the files of the certificates whether or not their names have changed. What is
/// bound at the start stays until a restart, which the log then asks for.
struct Reload: Sendable {
    let file: String
    let current: Current<Configuration>
    let redactor: Current<Redactor>
    /// nil: plain HTTP.
    let tls: TLSServerContext?
    let logger: Logger

    func run() {
        do {
            var fresh = try ConfigurationFile.read(at: file, weakSecrets: .warnedOf)
            let needRestart = keepBound(&fresh.server, from: current.value.server)
            // Last of all that can fail: either everything is new or nothing.
            try tls?.replace(certificates: fresh.server.certificates.map { ($0.certificate, $0.key) })
            // Running jobs may still print what only the old file knew.
            redactor.value = Redactor(secrets: fresh.secrets + current.value.secrets)
            current.value = fresh
            for warning in fresh.warnings { logger.warning("\(warning)") }
            logger.notice("configuration read again", metadata: ["apps": "\(fresh.apps.count)"])
            if !needRestart.isEmpty {
                logger.warning("restart to change \(needRestart.joined(separator: ", "))")
            }
        } catch {
            for line in (error as? ConfigurationError)?.lines ?? ["server.tls: \(error)"] { logger.error("\(line)") }
            logger.error("configuration refused; the old one stays")
        }
    }

    /// - Returns: the keys that differ and cannot change now.
    private func keepBound(_ fresh: inout ServerSettings, from old: ServerSettings) -> [String] {
        var keys: [String] = []
        func keep<Value: Equatable>(_ path: WritableKeyPath<ServerSettings, Value>, _ key: String) {
            guard fresh[keyPath: path] != old[keyPath: path] else { return }
            if keys.last != key { keys.append(key) }
            fresh[keyPath: path] = old[keyPath: path]
        }
        keep(\.host, "server.listen")
        keep(\.port, "server.listen")
        keep(\.data, "server.data")
        keep(\.limits, "server.limits")
        // TLS is turned on or off with the port; which certificates it has is another matter.
        if fresh.certificates.isEmpty != old.certificates.isEmpty {
            keys.append("server.tls")
            fresh.certificates = old.certificates
        }
        return keys
    }
}

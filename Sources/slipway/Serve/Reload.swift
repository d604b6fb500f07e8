import Logging
import SlipwayBase
import SlipwayCore

/// Reads the configuration again. What is bound at the start stays until a restart, which the log then asks for.
struct Reload: Sendable {
    let file: String
    let current: Current<Configuration>
    let redactor: Current<Redactor>
    let logger: Logger

    func run() {
        do throws(ConfigurationError) {
            var fresh = try ConfigurationFile.read(at: file)
            let needRestart = keepBound(&fresh.server, from: current.value.server)
            // Running jobs may still print what only the old file knew.
            redactor.value = Redactor(secrets: fresh.secrets + current.value.secrets)
            current.value = fresh
            logger.notice("configuration read again", metadata: ["apps": "\(fresh.apps.count)"])
            if !needRestart.isEmpty {
                logger.warning("restart to change \(needRestart.joined(separator: ", "))")
            }
        } catch {
            for line in error.lines { logger.error("\(line)") }
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
        let files = { (settings: ServerSettings) in settings.certificates.flatMap { [$0.certificate, $0.key] } }
        if files(fresh) != files(old) {
            keys.append("server.tls")
            fresh.certificates = old.certificates
        }
        return keys
    }
}

import Glibc
import Synchronization

/// A server's side of TLS: its certificates, chosen by the name that the client asks for, and replaced while it runs.
/// TLS 1.2 and 1.3; ALPN: `http/1.1`.
package final class TLSServerContext: Sendable {
    package typealias Files = (certificate: String, key: String)

    /// Who has these keys can read what TLS 1.2 clients sent whose sessions were resumed by them.
    private static let ticketKeyLife: Duration = .seconds(12 * 3600)

    private struct State {
        var certificates: TLSCertificateSet
        var renewal: Deadline
    }

    /// Taken for a moment by each new connection and by a reload.
    private let state: Mutex<State>

    /// - Parameters:
    ///   - certificates: PEM files of chain and key; the first is for clients that name no host, or one that none of
    ///     them is for.
    ///   - moment: at which they must be valid, in seconds since 1970.
    package init(certificates: [Files], validAt moment: Int = time(nil)) throws(TLSError) {
        state = Mutex(State(certificates: try Self.load(certificates, moment), renewal: .after(Self.ticketKeyLife)))
    }

    /// Reads the files, the same or others: connections from now on get them, those that are there go on with what they
    /// have. When it throws, nothing has changed.
    package func replace(certificates: [Files]) throws(TLSError) {
        let fresh = try Self.load(certificates, time(nil))
        state.withLock { $0 = State(certificates: fresh, renewal: .after(Self.ticketKeyLife)) }
    }

    func session() throws(StreamError) -> sending TLSSession {
        let certificates = state.withLock { state in
            if state.renewal < .now() {
                // Without memory for new ones the old ones go on.
                if let fresh = try? state.certificates.renewed() { state.certificates = fresh }
                state.renewal = .after(Self.ticketKeyLife)
            }
            return state.certificates
        }
        return try certificates.session()
    }

    private static func load(_ files: [Files], _ moment: Int) throws(TLSError) -> TLSCertificateSet {
        var certificates: [TLSCertificate] = []
        for file in files { certificates.append(try TLSCertificate(file.certificate, key: file.key, validAt: moment)) }
        return try TLSCertificateSet(certificates)
    }
}

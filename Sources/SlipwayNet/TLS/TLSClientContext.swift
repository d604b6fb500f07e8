import COpenSSL
import Glibc

/// Whom a client trusts. Certificates and host names are always verified; TLS 1.2 is the least.
///
/// `@unchecked Sendable`: an `SSL_CTX` counts its references atomically, and nothing changes it after `init`.
package final class TLSClientContext: @unchecked Sendable {
    private let raw: OpaquePointer

    /// - Parameter ca: a PEM file with roots besides the system's.
    package init(ca: String? = nil) throws(TLSError) {
        ERR_clear_error()
        guard let raw = SSL_CTX_new(TLS_client_method()) else { throw .setup(reason: OpenSSLComplaints().text) }
        self.raw = raw
        try TLSPolicy.apply(to: raw)
        SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nil)
        guard SSL_CTX_set_default_verify_paths(raw) == 1 else { throw .setup(reason: OpenSSLComplaints().text) }
        if let ca {
            ERR_clear_error()
            guard SSL_CTX_load_verify_file(raw, ca) == 1 else {
                throw .unusableRoots(file: ca, reason: OpenSSLComplaints().text)
            }
        }
    }

    deinit { SSL_CTX_free(raw) }

    func session(for host: String, protocols: [String]) throws(StreamError) -> sending TLSSession {
        guard let session = TLSSession(raw, of: self) else { throw .tls(OpenSSLComplaints().text) }
        SSL_set_connect_state(session.raw)
        guard expect(host, of: session) else { throw .tls("\(host) is not a host name") }
        if !protocols.isEmpty {
            let list = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            SSL_set_alpn_protos(session.raw, list, UInt32(list.count))
        }
        return session
    }

    private func expect(_ host: String, of session: borrowing TLSSession) -> Bool {
        // An address is verified as an address, and never sent as a server name (RFC 6066, section 3).
        let parameters = SSL_get0_param(session.raw)
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1 { return true }
        ERR_clear_error()
        SSL_set_hostflags(session.raw, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        return SSL_set1_host(session.raw, host) == 1 && copenssl_set_server_name(session.raw, host) == 1
    }
}

import COpenSSL

/// The certificates that a server has at one time; each session holds on to those it began with.
final class TLSCertificateSet: Sendable {
    private let certificates: [TLSCertificate]

    /// - Parameter certificates: at least one; the first is for clients that name no host, or one that none is for.
    init(_ certificates: [TLSCertificate]) throws(TLSError) {
        guard let first = certificates.first else { throw .noCertificate }
        self.certificates = certificates
        guard certificates.count > 1 else { return }
        copenssl_on_server_name(
            first.raw,
            { session, _, set in
                guard let session, let set else { return SSL_TLSEXT_ERR_NOACK }
                return Unmanaged<TLSCertificateSet>.fromOpaque(set).takeUnretainedValue().choose(session)
            },
            // Unretained, or it would hold itself for ever: every session holds the set that it was made of.
            Unmanaged.passUnretained(self).toOpaque())
    }

    func session() throws(StreamError) -> sending TLSSession {
        guard let session = TLSSession(certificates[0].raw, of: self) else { throw .tls(OpenSSLComplaints().text) }
        SSL_set_accept_state(session.raw)
        return session
    }

    func renewed() throws(TLSError) -> TLSCertificateSet {
        var renewed: [TLSCertificate] = []
        for certificate in certificates { renewed.append(try TLSCertificate(renewing: certificate)) }
        return try TLSCertificateSet(renewed)
    }

    private func choose(_ session: OpaquePointer) -> Int32 {
        guard let name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name),
            let certificate = certificates.first(where: { $0.isFor(name) })
        else { return SSL_TLSEXT_ERR_NOACK }
        SSL_set_SSL_CTX(session, certificate.raw)
        return SSL_TLSEXT_ERR_OK
    }
}

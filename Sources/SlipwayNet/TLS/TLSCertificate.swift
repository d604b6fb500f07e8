import COpenSSL
import Glibc

/// A server's certificate with its chain and key, checked, in an `SSL_CTX` of its own.
///
/// `@unchecked Sendable`: an `SSL_CTX` counts its references atomically, and nothing changes it once others have it.
final class TLSCertificate: @unchecked Sendable {
    let raw: OpaquePointer

    /// From PEM files.
    init(_ file: String, key: String, validAt moment: Int) throws(TLSError) {
        raw = try Self.newContext()
        try load(file, key: key)
        try checkChain(file, moment)
    }

    /// The same certificate with new keys for session tickets, which OpenSSL makes with each `SSL_CTX`.
    init(renewing old: TLSCertificate) throws(TLSError) {
        raw = try Self.newContext()
        let certificate = SSL_CTX_get0_certificate(old.raw)
        let key = SSL_CTX_get0_privatekey(old.raw)
        guard SSL_CTX_use_cert_and_key(raw, certificate, key, copenssl_chain(old.raw), 1) == 1 else {
            throw .setup(reason: OpenSSLComplaints().text)
        }
    }

    deinit { SSL_CTX_free(raw) }

    /// Whether it is for that host, wildcards included (RFC 6125, section 6.4).
    func isFor(_ host: UnsafePointer<CChar>) -> Bool {
        guard let certificate = SSL_CTX_get0_certificate(raw) else { return false }
        return X509_check_host(certificate, host, 0, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS), nil) == 1
    }

    private static func newContext() throws(TLSError) -> OpaquePointer {
        ERR_clear_error()
        guard let raw = SSL_CTX_new(TLS_server_method()) else { throw .setup(reason: OpenSSLComplaints().text) }
        do {
            try TLSPolicy.apply(to: raw)
        } catch {
            SSL_CTX_free(raw)
            throw error
        }
        // A session lives in its client's ticket alone, so that no number of clients fills this memory. One ticket, not
        // two, in TLS 1.3: a client that resumes gets the next. No early data: it could be sent twice by anyone.
        copenssl_keep_no_sessions(raw)
        SSL_CTX_set_num_tickets(raw, 1)
        SSL_CTX_set_max_early_data(raw, 0)
        let name = Array("slipway".utf8)
        SSL_CTX_set_session_id_context(raw, name, UInt32(name.count))
        SSL_CTX_set_alpn_select_cb(raw, selectHTTP, nil)
        return raw
    }

    // MARK: Files

    private func load(_ file: String, key: String) throws(TLSError) {
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(raw, file) == 1 else {
            let complaints = OpenSSLComplaints()
            let isTooWeak = complaints.contains(
                ERR_LIB_SSL, SSL_R_EE_KEY_TOO_SMALL, SSL_R_CA_KEY_TOO_SMALL, SSL_R_CA_MD_TOO_WEAK)
            throw isTooWeak
                ? .tooWeak(file: file, reason: complaints.text)
                : .unusableCertificate(file: file, reason: complaints.text)
        }
        copenssl_ask_no_passphrase(raw)
        guard SSL_CTX_use_PrivateKey_file(raw, key, SSL_FILETYPE_PEM) == 1 else { throw keyError(file, key) }
        guard SSL_CTX_check_private_key(raw) == 1 else { throw .foreignKey(certificate: file, key: key) }
    }

    private func keyError(_ file: String, _ key: String) -> TLSError {
        let complaints = OpenSSLComplaints()
        if complaints.contains(ERR_LIB_PEM, PEM_R_BAD_PASSWORD_READ) { return .encryptedKey(file: key) }
        if complaints.contains(ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH, X509_R_KEY_TYPE_MISMATCH) {
            return .foreignKey(certificate: file, key: key)
        }
        return .unusableKey(file: key, reason: complaints.text)
    }

    /// Clients take the chain as it is sent: each certificate issued by the next, all of them valid.
    private func checkChain(_ file: String, _ moment: Int) throws(TLSError) {
        var moment = moment
        let rest = copenssl_chain(raw)
        var chain = [SSL_CTX_get0_certificate(raw)]
        for index in 0..<copenssl_count(rest) { chain.append(copenssl_certificate(rest, index)) }
        for (index, certificate) in chain.enumerated() {
            let (start, end) = (X509_get0_notBefore(certificate), X509_get0_notAfter(certificate))
            if X509_cmp_time(start, &moment) > 0 {
                throw .notYetValid(file: file, position: index + 1, until: Self.day(start))
            }
            if X509_cmp_time(end, &moment) < 0 {
                throw .expired(file: file, position: index + 1, since: Self.day(end))
            }
        }
        for (index, (subject, issuer)) in zip(chain, chain.dropFirst()).enumerated()
        where X509_check_issued(issuer, subject) != X509_V_OK {
            throw .disordered(file: file, position: index + 1)
        }
    }

    private static func day(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return "an unreadable day" }
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }

    // MARK: ALPN

    /// A client that offers protocols but not this one is refused, as RFC 7301, section 3.2 asks for.
    private static let selectHTTP: SSL_CTX_alpn_select_cb_func = { _, chosen, chosenLength, offered, offeredLength, _ in
        let name = Array("http/1.1".utf8)
        var index = 0
        while let offered, index < Int(offeredLength) {
            let length = Int(offered[index])
            let candidate = UnsafeBufferPointer(start: offered + index + 1, count: length)
            if index + 1 + length <= Int(offeredLength), candidate.elementsEqual(name) {
                chosen?.pointee = offered + index + 1
                chosenLength?.pointee = UInt8(length)
                return SSL_TLSEXT_ERR_OK
            }
            index += 1 + length
        }
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
}

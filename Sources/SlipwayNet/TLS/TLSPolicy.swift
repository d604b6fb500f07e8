import COpenSSL

/// What both sides of every connection hold to.
enum TLSPolicy {
    /// Of TLS 1.2 only what agrees on a new key for each connection and authenticates what it encrypts (RFC 9325,
    /// section 4.2); those of TLS 1.3 all do, so OpenSSL's stay. 128 bits before 256: as safe here, and quicker.
    private static let suites = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
    ]
    private static let groups = "X25519:P-256:P-384"

    static func apply(to context: OpaquePointer) throws(TLSError) {
        ERR_clear_error()
        // 2: keys of 112 bits and more, no SHA-1 (SSL_CTX_set_security_level(3)); a system's own file may say less.
        SSL_CTX_set_security_level(context, 2)
        guard copenssl_set_min_version(context, TLS1_2_VERSION) == 1,
            SSL_CTX_set_cipher_list(context, suites.joined(separator: ":")) == 1,
            copenssl_set_groups(context, groups) == 1
        else { throw .setup(reason: OpenSSLComplaints().text) }
        copenssl_set_stream_modes(context)
        copenssl_set_safe_options(context)
        copenssl_set_read_ahead(context)
    }
}

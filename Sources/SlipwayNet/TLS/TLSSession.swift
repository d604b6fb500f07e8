import COpenSSL

/// One side of one TLS connection.
///
/// OpenSSL keeps errors per thread: every call here clears them first and asks right after, with no suspension between.
struct TLSSession: ~Copyable {
    let raw: OpaquePointer
    /// Held because OpenSSL calls back into it.
    private let owner: any Sendable

    init?(_ context: OpaquePointer, of owner: any Sendable) {
        guard let raw = SSL_new(context) else { return nil }
        self.raw = raw
        self.owner = owner
    }

    deinit { SSL_free(raw) }

    enum Outcome {
        case done(Int)
        case end
        case needsRead
        case needsWrite
    }

    func handshake() throws(StreamError) -> Outcome {
        forgetErrors()
        return try outcome(SSL_do_handshake(raw))
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws(StreamError) -> Outcome {
        forgetErrors()
        return try outcome(SSL_read(raw, buffer.baseAddress, Int32(buffer.count)))
    }

    /// Bytes that were taken from the kernel so far.
    var received: UInt64 { BIO_number_read(SSL_get_rbio(raw)) }

    /// Whether there is anything that was taken from the kernel and not yet read, whole records or not.
    var hasPending: Bool { SSL_has_pending(raw) == 1 }

    func write(_ bytes: [UInt8], from start: Int) throws(StreamError) -> Outcome {
        forgetErrors()
        let result = bytes.withUnsafeBytes {
            SSL_write(raw, $0.baseAddress?.advanced(by: start), Int32(clamping: $0.count - start))
        }
        return try outcome(result)
    }

    /// Sends close_notify if the socket takes it now.
    func sendEnd() {
        // After a fatal error OpenSSL must not be asked to shut down, and before the handshake there is nothing to end.
        guard SSL_is_init_finished(raw) == 1 else { return }
        forgetErrors()
        _ = SSL_shutdown(raw)
        ERR_clear_error()
    }

    /// Clearing wipes sixteen places; there is hardly ever anything in them.
    private func forgetErrors() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    private func outcome(_ result: Int32) throws(StreamError) -> Outcome {
        if result > 0 { return .done(Int(result)) }
        let systemError = SystemError("recv")
        switch SSL_get_error(raw, result) {
        case SSL_ERROR_WANT_READ: return .needsRead
        case SSL_ERROR_WANT_WRITE: return .needsWrite
        case SSL_ERROR_ZERO_RETURN: return .end
        case SSL_ERROR_SYSCALL:
            throw systemError.code == 0 ? .truncated : .broken(systemError)
        default:
            let verification = SSL_get_verify_result(raw)
            if verification != X509_V_OK {
                ERR_clear_error()
                throw .tls(String(cString: X509_verify_cert_error_string(Int(verification))))
            }
            if ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING {
                ERR_clear_error()
                throw .truncated
            }
            throw .tls(OpenSSLComplaints().text)
        }
    }
}

import COpenSSL
import Glibc

/// A server's certificates, chosen by the name that the client asks for. TLS 1.2 is the least; ALPN: `http/1.1`.
///
/// `@unchecked Sendable`: an `SSL_CTX` counts its references atomically, and nothing changes these after `init`.
package final class TLSServerContext: @unchecked Sendable {
    private let contexts: [OpaquePointer]

    /// - Parameter certificates: PEM files of chain and key; the first is for clients that name no host.
    package init(certificates: [(certificate: String, key: String)]) throws {
        guard !certificates.isEmpty else { throw TLSError("TLS needs a certificate") }
        var contexts: [OpaquePointer] = []
        do {
            for files in certificates { contexts.append(try Self.context(files.certificate, files.key)) }
        } catch {
            for context in contexts { SSL_CTX_free(context) }
            throw error
        }
        self.contexts = contexts
        guard contexts.count > 1 else { return }
        copenssl_on_server_name(
            contexts[0],
            { session, _, server in
                guard let session, let server else { return SSL_TLSEXT_ERR_NOACK }
                return Unmanaged<TLSServerContext>.fromOpaque(server).takeUnretainedValue().choose(session)
            },
            // Unretained, or it would hold itself for ever: every `TLSStream` keeps the context of its session.
            Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { for context in contexts { SSL_CTX_free(context) } }

    func session() throws -> sending TLSSession {
        guard let session = TLSSession(contexts[0]) else { throw StreamError.tls(TLSError.lastReason()) }
        SSL_set_accept_state(session.raw)
        return session
    }

    private func choose(_ session: OpaquePointer) -> Int32 {
        guard let name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else { return SSL_TLSEXT_ERR_NOACK }
        for context in contexts {
            guard let certificate = SSL_CTX_get0_certificate(context) else { continue }
            if X509_check_host(certificate, name, 0, 0, nil) == 1 {
                SSL_set_SSL_CTX(session, context)
                return SSL_TLSEXT_ERR_OK
            }
        }
        return SSL_TLSEXT_ERR_NOACK
    }

    private static func context(_ certificate: String, _ key: String) throws -> OpaquePointer {
        guard let raw = SSL_CTX_new(TLS_server_method()) else { throw TLSError("TLS cannot be set up") }
        do {
            _ = copenssl_set_min_version(raw, TLS1_2_VERSION)
            copenssl_set_stream_modes(raw)
            copenssl_set_safe_options(raw)
            ERR_clear_error()
            guard SSL_CTX_use_certificate_chain_file(raw, certificate) == 1 else {
                throw TLSError("the certificate in \(certificate) cannot be used")
            }
            guard SSL_CTX_use_PrivateKey_file(raw, key, SSL_FILETYPE_PEM) == 1 else {
                throw TLSError("the key in \(key) cannot be used")
            }
            guard SSL_CTX_check_private_key(raw) == 1 else {
                throw TLSError("the key in \(key) does not belong to the certificate in \(certificate)")
            }
            SSL_CTX_set_alpn_select_cb(raw, selectHTTP, nil)
            return raw
        } catch {
            SSL_CTX_free(raw)
            throw error
        }
    }

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

import COpenSSL

/// HMAC with SHA-256 (RFC 2104), of a message that arrives in pieces.
package final class HMACSHA256 {
    private let context: OpaquePointer?

    package init(key: [UInt8]) {
        context = EVP_MAC_CTX_new(Self.algorithm)
        var digest = Array("SHA256".utf8CString)
        // The parameters point to both strings.
        let isReady = OSSL_MAC_PARAM_DIGEST.withCString { name in
            digest.withUnsafeMutableBufferPointer { digest in
                let parameters = [
                    OSSL_PARAM_construct_utf8_string(name, digest.baseAddress, 0), OSSL_PARAM_construct_end(),
                ]
                return EVP_MAC_init(context, key, key.count, parameters) == 1
            }
        }
        precondition(isReady, "OpenSSL has no HMAC with SHA-256")
    }

    deinit { EVP_MAC_CTX_free(context) }

    package func update(_ bytes: [UInt8]) {
        EVP_MAC_update(context, bytes, bytes.count)
    }

    /// - Returns: 32 bytes; compare them by `constantTimeEqual`.
    package func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { code, count in
            count = 0
            EVP_MAC_final(context, code.baseAddress, &count, 32)
        }
    }

    /// - Returns: 32 bytes, of a message that is there whole.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let code = HMACSHA256(key: key)
        code.update(message)
        return code.finish()
    }

    // Fetched once: it is a look-up by name. Never changed after, so any thread may use it.
    nonisolated(unsafe) private static let algorithm = EVP_MAC_fetch(nil, "HMAC", nil)
}

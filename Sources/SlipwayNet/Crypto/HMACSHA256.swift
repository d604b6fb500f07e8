import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
package enum HMACSHA256 {
    /// - Returns: 32 bytes; compare them by `constantTimeEqual`.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { code, count in
            var length: UInt32 = 0
            let done = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, code.baseAddress, &length)
            count = done == nil ? 0 : Int(length)
        }
    }
}

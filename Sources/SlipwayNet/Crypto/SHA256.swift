import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// - Returns: 32 bytes.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            count = COpenSSL.SHA256(bytes, bytes.count, digest.baseAddress) == nil ? 0 : 32
        }
    }
}

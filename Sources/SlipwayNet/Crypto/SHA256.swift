import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// - Returns: 32 bytes.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { digest, count in
            let isDone = EVP_Digest(bytes, bytes.count, digest.baseAddress, nil, algorithm, nil) == 1
            precondition(isDone, "OpenSSL has no SHA-256")
            count = 32
        }
    }

    // Fetched once: it is a look-up by name. Never changed after, so any thread may use it.
    nonisolated(unsafe) private static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)
}

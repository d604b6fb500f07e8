import COpenSSL

/// Whether two byte strings are equal, in a time that says nothing about where they differ (their lengths it does tell).
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}

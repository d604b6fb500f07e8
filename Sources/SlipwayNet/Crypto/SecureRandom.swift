import COpenSSL

/// Random bytes for keys and tokens.
package enum SecureRandom {
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            // Without entropy there is no safe way on: a guessable token would be worse than no server.
            precondition(RAND_bytes(buffer.baseAddress, Int32(count)) == 1, "OpenSSL has no random bytes")
            filled = count
        }
    }
}

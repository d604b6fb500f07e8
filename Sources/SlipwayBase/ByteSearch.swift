#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

extension ArraySlice<UInt8> {
    /// As `firstIndex(of:)`, by what the C library has for it: logs are long, and looked through for newlines.
    package func firstIndex(ofByte byte: UInt8) -> Int? {
        withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, let found = memchr(base, Int32(byte), buffer.count) else { return nil }
            return startIndex + (UnsafeRawPointer(found) - UnsafeRawPointer(base))
        }
    }

    /// As `lastIndex(of:)`.
    package func lastIndex(ofByte byte: UInt8) -> Int? {
        withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return nil }
            var index = buffer.count - 1
            while index >= 0, base[index] != byte { index -= 1 }
            return index < 0 ? nil : startIndex + index
        }
    }
}

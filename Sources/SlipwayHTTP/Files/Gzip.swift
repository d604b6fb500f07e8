import CZlib

/// The `gzip` content coding (RFC 1952).
enum Gzip {
    /// At the best compression, which takes about 50 ms a megabyte: for what is compressed once and sent often.
    /// - Returns: nil when zlib has no memory.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard czlib_gzip_init(&stream) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var source = bytes
        let capacity = Int(deflateBound(&stream, UInt(bytes.count)))
        var isWhole = false
        let compressed = [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
            source.withUnsafeMutableBufferPointer { source in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END
                count = Int(stream.total_out)
            }
        }
        return isWhole ? compressed : nil
    }
}

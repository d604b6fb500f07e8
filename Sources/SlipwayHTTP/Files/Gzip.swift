import CZlib

/// The `gzip` content coding (RFC 1952), of a text that comes in pieces.
struct Gzip: ~Copyable {
    /// zlib's state points back to it, so it does not move.
    private let stream: UnsafeMutablePointer<z_stream>

    enum Purpose {
        /// What is compressed once and sent often; about 50 ms a megabyte.
        case kept
        /// What is compressed for one answer.
        case answer
        /// What goes on, maybe for hours and to a thousand readers: 40 kB of memory each instead of 270.
        case stream
    }

    enum Ending: Int32 {
        /// Everything so far can be read.
        case flush
        case end

        fileprivate var flag: Int32 { self == .end ? Z_FINISH : Z_SYNC_FLUSH }
    }

    /// - Returns: nil when zlib has no memory.
    init?(for purpose: Purpose) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let code =
            switch purpose {
            case .kept: czlib_gzip_init(stream, Z_BEST_COMPRESSION, 15, 8)
            case .answer: czlib_gzip_init(stream, Z_DEFAULT_COMPRESSION, 15, 8)
            case .stream: czlib_gzip_init(stream, Z_DEFAULT_COMPRESSION, 12, 5)
            }
        guard code == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// - Returns: what can be sent now. After `.end` nothing more may come.
    mutating func compress(_ bytes: [UInt8], _ ending: Ending) -> [UInt8] {
        var source = bytes
        var compressed: [UInt8] = []
        source.withUnsafeMutableBufferPointer { source in
            stream.pointee.next_in = source.baseAddress
            stream.pointee.avail_in = UInt32(source.count)
            var isFull = true
            while isFull {
                let room = Int(deflateBound(stream, UInt(stream.pointee.avail_in))) + 16
                compressed += [UInt8](unsafeUninitializedCapacity: room) { target, count in
                    stream.pointee.next_out = target.baseAddress
                    stream.pointee.avail_out = UInt32(room)
                    // With room to write to it always goes on.
                    _ = deflate(stream, ending.flag)
                    count = room - Int(stream.pointee.avail_out)
                }
                isFull = stream.pointee.avail_out == 0
            }
        }
        return compressed
    }

    /// - Returns: nil when zlib has no memory.
    static func compress(_ bytes: [UInt8], for purpose: Purpose) -> [UInt8]? {
        guard var gzip = Gzip(for: purpose) else { return nil }
        return gzip.compress(bytes, .end)
    }
}

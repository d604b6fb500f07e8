import CLinux

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// An open file, by positions. Blocking: for code on a queue of its own.
final class File: Sendable {
    let path: String
    private let descriptor: Int32

    enum Access {
        case reading
        /// Made when it is not there.
        case writing
    }

    init(_ path: String, _ access: Access) throws(StoreError) {
        self.path = path
        let flags = access == .reading ? O_RDONLY : O_RDWR | O_CREAT
        descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .lastFile("open", path) }
    }

    deinit {
        close(descriptor)
    }

    func size() throws(StoreError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .lastFile("measure", path) }
        return Int(status.st_size)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StoreError) {
        try bytes.withUnsafeBufferPointer { bytes throws(StoreError) in
            try write(UnsafeRawBufferPointer(bytes), at: offset)
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(StoreError) {
        var written = 0
        while written < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress! + written, bytes.count - written, off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .lastFile("write", path) }
            written += count
        }
    }

    /// Fewer bytes than asked for only at the file's end.
    func read(_ count: Int, at offset: Int) throws(StoreError) -> [UInt8] {
        var failure: StoreError?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            while filled < buffer.count {
                let got = pread(
                    descriptor, buffer.baseAddress! + filled, buffer.count - filled, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = .lastFile("read", path) }
                guard got > 0 else { return }
                filled += got
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func truncate(to size: Int) throws(StoreError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw .lastFile("truncate", path) }
    }

    /// Gives the disk back what a range holds, which then reads as zeros; the size stays.
    func punch(_ range: Range<Int>) throws(StoreError) {
        while clinux_punch(descriptor, Int64(range.lowerBound), Int64(range.count)) != 0 {
            guard errno == EINTR else { throw .lastFile("make room in", path) }
        }
    }

    /// Content and size are on disk when it returns; times may not be.
    func sync() throws(StoreError) {
        guard fdatasync(descriptor) == 0 else { throw .lastFile("sync", path) }
    }
}

import CLinux
import Dispatch
import Glibc
import SlipwayBase

/// Reads a regular file in pieces, on a queue where a slow disk holds up no connection.
actor FileReader {
    nonisolated private let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let descriptor: Int32
    private var offset: Int

    /// - Throws: `HTTPError.notFound`.
    init(_ path: String, offset: Int) throws(HTTPError) {
        executor = QueueExecutor(queue: DispatchQueue(label: "slipway.file"))
        self.offset = offset
        descriptor = clinux_open_file(path)
        guard descriptor >= 0 else { throw HTTPError.notFound("the file is gone") }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// - Returns: up to 128 KiB; empty at the end of the file, or where it cannot be read.
    func read(upTo limit: Int) -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: min(limit, 131_072)) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)))
        }
        offset += bytes.count
        return bytes
    }
}

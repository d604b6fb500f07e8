import CLinux
import Glibc

/// A regular file, open for reading; it closes with its last reference.
///
/// Read from a connection's loop: what the server serves is on a local disk and soon in the page cache.
package final class OpenFile: Sendable {
    let descriptor: Int32
    let version: Version
    /// Bytes, when it was opened.
    package var size: Int { version.size }

    /// Differs for another content.
    struct Version: Sendable, Equatable {
        /// Nanoseconds since 1970.
        var modified: Int
        var size: Int

        /// Since 1970.
        var modifiedSeconds: Int { modified / 1_000_000_000 }
    }

    /// - Parameter path: beneath the folder; whatever leads out of it, a link too, is not there.
    /// - Returns: nil: there is no such regular file.
    init?(_ path: String, in folder: String) {
        let root = clinux_open_folder(folder)
        guard root >= 0 else { return nil }
        defer { close(root) }
        descriptor = clinux_open_beneath(root, path)
        guard descriptor >= 0 else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        version = Version(
            modified: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec, size: Int(status.st_size))
    }

    deinit { close(descriptor) }

    /// - Returns: false when the file has become shorter than the part.
    func append(_ part: Range<Int>, to bytes: inout [UInt8]) -> Bool {
        let content = read(part)
        bytes += content
        return content.count == part.count
    }

    /// Fewer bytes only at the file's end, or where it cannot be read.
    package func read(_ part: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: part.count) { buffer, count in
            while count < part.count {
                let got = pread(
                    descriptor, buffer.baseAddress! + count, part.count - count, off_t(part.lowerBound + count))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                count += got
            }
        }
    }
}

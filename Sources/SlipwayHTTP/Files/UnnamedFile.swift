import CLinux
import Glibc

/// A file that no folder lists and that is gone with its last reference, even if the process is killed.
///
/// Written from a connection's loop: it goes to the page cache, a piece at a time.
final class UnnamedFile: Sendable {
    private let descriptor: Int32

    init(in folder: String) throws(HTTPError) {
        descriptor = clinux_open_unnamed(folder)
        guard descriptor >= 0 else { throw Self.unusable }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func append(_ bytes: [UInt8]) throws(HTTPError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.unusable }
            written += count
        }
    }

    /// - Parameter count: how much of it to map; not more than was written.
    func withBytes<Result>(_ count: Int, _ read: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
        guard count > 0 else { return try read(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.unusable }
        defer { munmap(address, count) }
        return try read(UnsafeRawBufferPointer(start: address, count: count))
    }

    private static let unusable = HTTPError(
        .serviceUnavailable, code: "no_space",
        message: "the body cannot be kept on the server's disk; try again later", headers: ["Retry-After": "30"])
}

import COpenSSL
import Glibc
import Synchronization

extension TLSClientContext {
    /// The same context for all who trust the same, for as long as the files of roots stay as they are: reading those of
    /// the system takes 20 ms of CPU.
    /// - Parameter ca: a PEM file with roots besides the system's.
    package static func current(ca: String? = nil) throws(TLSError) -> TLSClientContext {
        let roots = [systemRoots, ca].map { $0.flatMap(FileStamp.init) }
        return try kept.withLock { kept throws(TLSError) in
            if let known = kept[ca], known.roots == roots { return known.context }
            let context = try TLSClientContext(ca: ca)
            kept[ca] = (roots, context)
            return context
        }
    }

    /// By the path of the further roots.
    private static let kept = Mutex<[String?: (roots: [FileStamp?], context: TLSClientContext)]>([:])

    /// In the system's folder of roots OpenSSL looks again at each use.
    private static var systemRoots: String? {
        (getenv(X509_get_default_cert_file_env()) ?? UnsafeMutablePointer(mutating: X509_get_default_cert_file()))
            .map { String(cString: $0) }
    }
}

/// What is different about a file once it was written again.
private struct FileStamp: Equatable {
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int

    /// nil: there is no such file.
    init?(_ path: String) {
        var found = stat()
        guard stat(path, &found) == 0 else { return nil }
        inode = UInt64(found.st_ino)
        size = Int64(found.st_size)
        seconds = found.st_mtim.tv_sec
        nanoseconds = found.st_mtim.tv_nsec
    }
}
